import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { readTextOrFile } from "./read-text-or-file.js";
import { redisSettings } from "./redis-settings.js";
import { hasAccessForPostgres, serverUrl } from "./server-url.js";

const port = z.coerce.number().int().min(0).max(65_535);

/** Postgres. */
export const databaseUrl = serverUrl(
  /^postgres(ql)?$/,
  "postgres://user:password@host:5432/database",
  hasAccessForPostgres,
);

/** Settings of every process. */
export const logSettings = {
  /** How a line of the log looks. */
  LOG_FORMAT: z.enum(["json", "pretty"]).default("json"),
  /** The least important lines that are logged. */
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
};

/** Settings of every process that works on the database and the queues. */
export const storeSettings = {
  DATABASE_URL: databaseUrl,
  ...redisSettings,
  /** Connections to Postgres at most, those of the queues and that of the readiness check apart. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),
};

/** Settings of every process that enqueues. */
export const producerSettings = {
  /**
   * Jobs that may wait in a queue: what is beyond that waits in the database, and enters the queue as jobs are taken from it.
   * A quarter of it is kept for what begins within the first 10,000 recipients of an operation, another one for the first 500.
   */
  QUEUE_JOBS_MAX: z.coerce.number().int().min(100).max(1_000_000).default(2_000),
};

/** Settings of every process that tells whether it takes work. */
export const readinessSettings = {
  /**
   * Who is told why a check is red, beside the log; that it is, is told to everyone. `loopback`: who asks from this machine without
   * a proxy; the reasons name hosts, ports and credentials.
   */
  READINESS_DETAIL: z.enum(["loopback", "everyone", "nobody"]).default("loopback"),
};

/** Settings of every worker's health server. */
export const healthSettings = {
  ...readinessSettings,
  /** TCP port of /healthz and /readyz; 0 = any free one; absent: no health server. */
  HEALTH_PORT: port.optional(),
  /** Address of the health server. The default is reached from this machine only. */
  HEALTH_HOST: z.string().default("127.0.0.1"),
  /** Work waits and nothing is finished for so many seconds: then the worker is not healthy, and wants a restart. */
  STALLED_AFTER_SECONDS: z.coerce.number().int().min(5).max(3_600).default(120),
  /**
   * Jobs wait and the worker begins none for so many seconds, though it has free hands: then it is not ready. More than the 10 s that
   * a consumer with nothing to do may sleep for.
   */
  UNTOUCHED_AFTER_SECONDS: z.coerce.number().int().min(12).max(3_600).default(15),
};

/** Settings of every worker. */
export const workerSettings = {
  /** How long a worker holds a batch without renewing it, in milliseconds: how late the work of a dead one goes on. */
  LEASE_MS: z.coerce.number().int().min(3_000).max(600_000).default(15_000),
};

/** Settings of the workers that deliver. */
export const deliverySettings = {
  ...workerSettings,
  /** File of the only certificate authority to trust, as PEM; absent: the public ones. For the simulator. Read as its content. */
  PROVIDER_CA_FILE: z.string().transform(readCertificates).optional(),
  /** Jobs worked on at once; a job carries up to 500 recipients. */
  DELIVERY_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  /**
   * How long the provider may take to answer, in milliseconds. FCM asks for 10 s at least; below the 15 s after which
   * a stopping worker gives up waiting.
   */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(10_000).max(14_000).default(14_000),
  /**
   * After how much silence of a provider its connection is asked for a sign of life (PING), in milliseconds: less than what a
   * firewall on the way lets a connection be idle for.
   */
  PING_IDLE_MS: z.coerce.number().int().min(1_000).max(3_600_000).default(60_000),
  /**
   * What speaks HTTP/2 to the providers: Fanfare's own client, or Node's, at many times the CPU. They do the same.
   */
  HTTP2_CLIENT: z.enum(["fanfare", "node"]).default("fanfare"),
  /**
   * How long after its operation began a notification waits for a credential that the provider refuses, in hours; then it
   * fails. Its TTL may end it sooner.
   */
  CREDENTIAL_GIVE_UP_HOURS: z.coerce.number().int().min(1).max(672).default(24),
};

function readCertificates(setting: string, ctx: z.RefinementCtx): string {
  const read = readTextOrFile(setting);
  if (read.ok && "bytes" in read && hasCertificate(read.bytes)) return read.bytes.toString("utf8");
  ctx.addIssue({ code: "custom", message: read.ok ? `${CERTIFICATES}${insteadOf(setting, read)}` : read.problem });
  return z.NEVER;
}

// Node trusts nobody, without a word, where there is none that can be read.
function hasCertificate(bytes: Buffer): boolean {
  try {
    return bytes.includes("-----BEGIN CERTIFICATE") && new X509Certificate(bytes).subject !== undefined;
  } catch {
    return false;
  }
}

const CERTIFICATES = "must name a file with certificates in PEM form";

const insteadOf = (setting: string, read: object) =>
  "file" in read ? `, which ${read.file} has not` : `; these ${setting.length} characters do not`;
