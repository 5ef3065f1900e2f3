import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startFcmWorker } from "./start-fcm-worker.js";

const config = readConfig(configSchema, env);
const log = createLogger("fcm-worker", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService("fcm-worker", (service) => startFcmWorker(service, config), {
  log,
  inFlightMs: config.REQUEST_TIMEOUT_MS,
});
