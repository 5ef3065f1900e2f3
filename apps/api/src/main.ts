import { setFlagsFromString } from "node:v8";
import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startApi } from "./start-api.js";

// What a large request leaves behind is collected soon: by itself V8 lets a heap grow to a multiple of what is in use.
setFlagsFromString("--heap-growing-percent=60");

const config = readConfig(configSchema, env);
const log = createLogger("api", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService("api", (service) => startApi(service, config), { log });
