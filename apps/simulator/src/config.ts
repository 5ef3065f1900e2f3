import { logSettings } from "@fanfare/runtime";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

/** The simulator's settings. */
export const configSchema = z.object({
  /** Folder of what Fanfare keeps on disk; the simulator's part is `simulator/` in it. */
  FANFARE_DATA_DIR: z.string().default(".fanfare"),
  /** TCP port of the simulated FCM; 0 = any free one. */
  SIMULATOR_FCM_PORT: port.default(8091),
  /** TCP port of the simulated APNs, production; 0 = any free one. */
  SIMULATOR_APNS_PORT: port.default(8092),
  /** TCP port of the sandbox of the simulated APNs; 0 = any free one. */
  SIMULATOR_APNS_SANDBOX_PORT: port.default(8094),
  /** TCP port of the control API; 0 = any free one. */
  SIMULATOR_CONTROL_PORT: port.default(8093),
  /** Added to every answer, in milliseconds. */
  SIMULATOR_LATENCY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  /** `strict` judges every request as the providers would; `accept-all` only counts; `sink` counts as cheaply as it can, for measuring senders. */
  SIMULATOR_MODE: z.enum(["strict", "accept-all", "sink"]).default("strict"),
  /** Keep the counts on disk, so that a simulator that was killed knows them when it starts again. */
  SIMULATOR_KEEP_COUNTS: z.stringbool().default(false),
  ...logSettings,
});

/** The environment that the process was started with. */
export const env = process.env;
