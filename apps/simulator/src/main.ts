import { join } from "node:path";
import { createLogger, inDataDir, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startSink } from "./sink/start-sink.js";
import { startSimulator } from "./start-simulator.js";

const config = readConfig(configSchema, env);
const log = createLogger("simulator", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService(
  "simulator",
  async (service) => {
    const options = {
      stateDir: join(config.FANFARE_DATA_DIR, "simulator"),
      fcmPort: config.SIMULATOR_FCM_PORT,
      apnsPort: config.SIMULATOR_APNS_PORT,
      apnsSandboxPort: config.SIMULATOR_APNS_SANDBOX_PORT,
      controlPort: config.SIMULATOR_CONTROL_PORT,
    };
    const start = () =>
      config.SIMULATOR_MODE === "sink"
        ? startSink(options)
        : startSimulator({
            ...options,
            keepCounts: config.SIMULATOR_KEEP_COUNTS,
            latencyMs: config.SIMULATOR_LATENCY_MS,
            acceptAll: config.SIMULATOR_MODE === "accept-all",
          });
    const simulator = service.own(await inDataDir(config.FANFARE_DATA_DIR, start), ({ close }) => close());
    return { url: simulator.urls.control };
  },
  { log },
);
