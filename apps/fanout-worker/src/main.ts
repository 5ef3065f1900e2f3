import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startFanoutWorker } from "./start-fanout-worker.js";

const config = readConfig(configSchema, env);
const log = createLogger("fanout-worker", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService("fanout-worker", (service) => startFanoutWorker(service, config), { log });
