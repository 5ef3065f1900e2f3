import {
  healthSettings,
  logSettings,
  oneRedis,
  producerSettings,
  storeSettings,
  workerSettings,
} from "@fanfare/runtime";
import { z } from "zod";

/** The fan-out worker's settings. */
export const configSchema = oneRedis(
  z.object({
    ...storeSettings,
    /** Jobs worked on at once; a job carries up to 1,000 recipients. */
    FANOUT_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
    /** Pause between two sweeps of the dispatcher for what is due, in milliseconds. */
    DISPATCH_INTERVAL_MS: z.coerce.number().int().min(50).max(60_000).default(500),
    /** Days that finished operations are kept, with their notifications and attempts. */
    RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(7),
    ...producerSettings,
    ...workerSettings,
    ...healthSettings,
    ...logSettings,
  }),
);

/** The environment that the process was started with. */
export const env = process.env;
