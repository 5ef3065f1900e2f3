import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startApnsWorker } from "./start-apns-worker.js";

const config = readConfig(configSchema, env);
const log = createLogger("apns-worker", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService("apns-worker", (service) => startApnsWorker(service, config), {
  log,
  inFlightMs: config.REQUEST_TIMEOUT_MS,
});
