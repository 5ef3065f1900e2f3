import { UtcPool, withClient } from "@fanfare/postgres";
import { type Prisma, PrismaClient } from "./generated/prisma/client.js";
import { connectedWith } from "./query-directly.js";
import { SchemaAdapter } from "./schema-adapter.js";

/** A connection pool to Fanfare's database. Whoever connects disconnects (`$disconnect`). */
export type Db = PrismaClient;

/** What statements are made with, in a transaction or, as a {@link Db}, each by itself. */
export type Tx = Prisma.TransactionClient;

/** How {@link connectDb} connects. */
export interface DbOptions {
  /** Connections at most. @default 5 */
  poolSize?: number;
  /** How long a statement, its wait for locks included, may take before the server ends it, in milliseconds. @default 30,000 */
  statementTimeoutMs?: number;
  /** How long to wait for a connection, in milliseconds. @default 5,000 */
  connectTimeoutMs?: number;
  /** Told of errors of idle connections, which have no caller. */
  onError?: (error: Error) => void;
}

/** How much later than the server's own time limit a connection that says nothing is given up, in milliseconds. */
const SILENCE_MS = 500;

/** How long a transaction may be left open by a process that was halted in it, with its locks, in milliseconds. */
const IDLE_IN_TRANSACTION_MS = 15_000;

/** Makes the pool; connections are opened as they are needed. */
export function connectDb(url: string, options: DbOptions = {}): Db {
  const { poolSize = 5, statementTimeoutMs = 30_000, connectTimeoutMs = 5_000, onError } = options;
  const pool = new UtcPool({
    connectionString: url,
    max: poolSize,
    statement_timeout: statementTimeoutMs,
    // For a server that is halted or cut off, which keeps no time limit of its own. The connection is thrown away.
    query_timeout: statementTimeoutMs + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "fanfare",
  });
  const adapter = new SchemaAdapter(pool, {
    disposeExternalPool: true,
    ...(onError && { onPoolError: onError, onConnectionError: onError }),
  });
  return connectedWith(new PrismaClient({ adapter }), adapter);
}

/** Resolves when the database answers. @throws when it does not. */
export async function pingDb(db: Db): Promise<void> {
  await db.$queryRaw`select 1`;
}

/** The same over a connection of its own, however busy those of a pool are. */
export async function pingDbAnew(url: string): Promise<void> {
  await withClient(url, "fanfare-ping", (client) => client.query("select 1"));
}
