import { join } from "node:path";
import { createLogger, readConfig, runService } from "@fanfare/runtime";
import { configSchema, env } from "./config.js";
import { startSimulator } from "./start-simulator.js";

const config = readConfig(configSchema, env);
const log = createLogger("simulator", { level: config.LOG_LEVEL, format: config.LOG_FORMAT });

await runService(
  "simulator",
  async (service) => {
    const simulator = service.own(
      await startSimulator({
        stateDir: join(config.FANFARE_DATA_DIR, "simulator"),
        fcmPort: config.SIMULATOR_FCM_PORT,
        apnsPort: config.SIMULATOR_APNS_PORT,
        controlPort: config.SIMULATOR_CONTROL_PORT,
        latencyMs: config.SIMULATOR_LATENCY_MS,
        acceptAll: config.SIMULATOR_MODE === "accept-all",
      }),
      ({ close }) => close(),
    );
    return { url: simulator.urls.control };
  },
  { log },
);
