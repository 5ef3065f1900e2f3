import { z } from "zod";

/** The FCM worker's settings. */
export const configSchema = z.object({
  /** Postgres. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Redis for the queues; absent: the queues live in Postgres. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Connections to Postgres at most. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),
  /** FCM service account, as JSON or as the path of a file. */
  FCM_SERVICE_ACCOUNT: z.string(),
  /** Where FCM is. */
  FCM_BASE_URL: z.url({ protocol: /^https$/ }).default("https://fcm.googleapis.com"),
  /** File of the only certificate authority to trust, as PEM; absent: the public ones. For the simulator. */
  PROVIDER_CA_FILE: z.string().optional(),
  /** Connections to FCM at most; each takes about 100 requests at once. */
  FCM_SESSIONS: z.coerce.number().int().min(1).max(64).default(8),
  /** Jobs worked on at once; a job carries up to 500 recipients. */
  DELIVERY_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  /** How long FCM may take to answer, in milliseconds; FCM asks for 10 s at least; below 15 s, so that a stopping worker can wait for it. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(10_000).max(14_000).default(14_000),
  /** How long a worker holds a batch without renewing it, in milliseconds: how late the work of a dead one goes on. */
  LEASE_MS: z.coerce.number().int().min(3_000).max(600_000).default(15_000),
  /** TCP port of /healthz and /readyz; 0 = any free one; absent: none. */
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});
