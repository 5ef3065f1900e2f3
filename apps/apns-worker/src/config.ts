import { z } from "zod";

/** The APNs worker's settings. */
export const configSchema = z.object({
  /** Postgres. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Redis for the queues; absent: the queues live in Postgres. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Connections to Postgres at most. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),
  /** APNs signing key (.p8), as PEM or as the path of a file. */
  APNS_KEY: z.string(),
  /** Id of the key: 10 characters. */
  APNS_KEY_ID: z.string().regex(/^[A-Z0-9]{10}$/, "must be 10 capital letters or digits"),
  /** Apple developer team: 10 characters. */
  APNS_TEAM_ID: z.string().regex(/^[A-Z0-9]{10}$/, "must be 10 capital letters or digits"),
  /** The app's bundle id. */
  APNS_TOPIC: z.string().min(1),
  /** https://api.push.apple.com, or https://api.sandbox.push.apple.com for development builds of an app. */
  APNS_BASE_URL: z.url({ protocol: /^https$/ }).default("https://api.push.apple.com"),
  /** File of the only certificate authority to trust, as PEM; absent: the public ones. For the simulator. */
  PROVIDER_CA_FILE: z.string().optional(),
  /** Connections to APNs at most. */
  APNS_SESSIONS: z.coerce.number().int().min(1).max(64).default(4),
  /** Jobs worked on at once; a job carries up to 500 recipients. */
  DELIVERY_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  /** How long APNs may take to answer, in milliseconds; below 15 s, so that a stopping worker can wait for it. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(14_000).default(14_000),
  /** How long a worker holds a batch without renewing it, in milliseconds: how late the work of a dead one goes on. */
  LEASE_MS: z.coerce.number().int().min(3_000).max(600_000).default(15_000),
  /** TCP port of /healthz and /readyz; 0 = any free one; absent: none. */
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});
