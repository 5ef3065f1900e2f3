import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startApi } from "./start-api.js";

const config = readConfig(configSchema, env);
const log = createLogger("api", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService("api", (service) => startApi(service, config), { log });
