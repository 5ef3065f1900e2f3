import { randomUUID } from "node:crypto";
import { explainRefusal, requireSearchPath, UnusableServerError } from "@fanfare/postgres";
import type pg from "pg";
import { within } from "./within.js";

/** How long a notification may be under way, in milliseconds. */
const NOTIFIED_WITHIN_MS = 5_000;

/** How long all of it may take, in milliseconds: who accepts a connection and says nothing is away. */
const TIMEOUT_MS = 10_000;

/**
 * Resolves when the sessions of a pool do what BullMQ needs: they are in its schema, and each is one that keeps its `LISTEN`.
 *
 * @throws UnusableServerError when a pooler does not let them, and what the server can not be reached with.
 */
export async function requireQueueSession(pool: pg.Pool, schema: string): Promise<void> {
  try {
    await within(tryAll(pool, schema), TIMEOUT_MS, `Postgres did not answer within ${TIMEOUT_MS} ms.`);
  } catch (error) {
    throw explainRefusal(error);
  }
}

async function tryAll(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query<{ path: string }>("select current_setting('search_path') as path");
  requireSearchPath(rows[0]?.path ?? "", schema);
  await requireNotifications(pool);
}

/** Whoever pools transactions has the next one of a session run elsewhere, and its notifications go to nobody. */
async function requireNotifications(pool: pg.Pool): Promise<void> {
  const listener = await connect(pool);
  try {
    const { rows } = await listener.query<{ pid: number }>("select pg_backend_pid() as pid");
    // Of the server itself both are the same: only what stands before it needs to be tried.
    if (rows[0]?.pid === processIdOf(listener)) return;
    const channel = `fanfare_${randomUUID().replaceAll("-", "")}`;
    await listener.query(`listen ${channel}`);
    const [heard] = await Promise.all([hears(listener, channel), pool.query(`notify ${channel}`)]);
    if (heard) return;
    throw new UnusableServerError(
      "The pooler before Postgres pools transactions, which loses the notifications that queues in Postgres wait for: let DATABASE_URL name Postgres itself or a pool of sessions, or set REDIS_URL.",
    );
  } finally {
    listener.release(true);
  }
}

/** A connection that is not waited for in the end, as BullMQ's are. */
function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => (client ? resolve(client) : reject(error)));
  });
}

/** The process that answered, as its start-up said; node-postgres does not declare it. */
const processIdOf = (client: pg.PoolClient) => (client as unknown as { processID: number }).processID;

function hears(client: pg.PoolClient, channel: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, NOTIFIED_WITHIN_MS, false);
    client.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    client.on("notification", (message) => {
      if (message.channel !== channel) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
}
