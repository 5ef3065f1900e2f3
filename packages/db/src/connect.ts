import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/prisma/client.js";

/** A connection pool to Fanfare's database. Whoever connects disconnects (`$disconnect`). */
export type Db = PrismaClient;

/** How {@link connectDb} connects. */
export interface DbOptions {
  /** Connections at most. @default 5 */
  poolSize?: number;
  /** How long a statement may take before the server ends it, in milliseconds. @default 30,000 */
  statementTimeoutMs?: number;
  /** How long to wait for a connection, in milliseconds. @default 5,000 */
  connectTimeoutMs?: number;
  /** Told of errors of idle connections, which have no caller. */
  onError?: (error: Error) => void;
}

/** Makes the pool; connections are opened as they are needed. */
export function connectDb(url: string, options: DbOptions = {}): Db {
  const { poolSize = 5, statementTimeoutMs = 30_000, connectTimeoutMs = 5_000, onError } = options;
  const config = {
    connectionString: url,
    max: poolSize,
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: "fanfare",
  };
  const adapter = new PrismaPg(config, onError ? { onPoolError: onError, onConnectionError: onError } : {});
  return new PrismaClient({ adapter });
}

/** Resolves when the database answers. @throws when it does not. */
export async function pingDb(db: Db): Promise<void> {
  await db.$queryRaw`select 1`;
}
