import { z } from "zod";

/** The fan-out worker's settings. */
export const configSchema = z.object({
  /** Postgres. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Redis for the queues; absent: the queues live in Postgres. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Connections to Postgres at most. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),
  /** Jobs worked on at once; a job carries up to 1,000 recipients. */
  FANOUT_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  /** Pause between two sweeps of the dispatcher for what is due, in milliseconds. */
  DISPATCH_INTERVAL_MS: z.coerce.number().int().min(50).max(60_000).default(500),
  /** TCP port of /healthz and /readyz; 0 = any free one; absent: none. */
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});
