import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type pg from "pg";

/** SQLSTATE read_only_sql_transaction: a server that was demoted, or was made read-only, refuses what changes something. */
const READ_ONLY = "25006";

/** Between two times that the connections of a pool are made anew, in milliseconds: the server may be read-only for long. */
const PAUSE_MS = 1_000;

/** What node-postgres has beneath a client; its types do not declare it. */
interface Beneath {
  connection: EventEmitter & { stream: Socket };
  readyForQuery: boolean;
}

/**
 * Has a pool make its connections anew when a server refuses to change anything: after a failover its name leads elsewhere, and a
 * connection that is kept would be refused for ever. No statement is cut off: what is busy goes when it is given back.
 */
export function retireDemoted(pool: pg.Pool): void {
  const open = new Set<pg.PoolClient>();
  const retired = new WeakSet<pg.PoolClient>();
  let retiredAtMs = Number.NEGATIVE_INFINITY;
  let isDue = false;

  function retireAll(): void {
    isDue = false;
    retiredAtMs = performance.now();
    for (const client of open) {
      retired.add(client);
      const { readyForQuery, connection } = beneath(client);
      const waits = readyForQuery && client.getTransactionStatus() === "I";
      // Whoever listens to it for notifications is told of a lost connection, and knows what to do then.
      if (waits) connection.stream.destroy(new Error("Postgres has become read-only: its connections are made anew."));
    }
  }

  function retireSoon(): void {
    if (!isDue) setTimeout(retireAll, Math.max(0, retiredAtMs + PAUSE_MS - performance.now())).unref();
    isDue = true;
  }

  pool.on("connect", (client) => {
    open.add(client);
    const { connection } = beneath(client);
    connection.on("errorMessage", ({ code }: { code?: string }) => {
      if (code !== READ_ONLY) return;
      retired.add(client);
      // Not before the refused one itself waits again, which Postgres says in a packet of its own: on a standby it may be the one
      // that listens, which is never given back.
      connection.once("readyForQuery", retireSoon);
    });
  });
  pool.on("remove", (client) => void open.delete(client));
  pool.on("release", (_error, client) => {
    if (retired.has(client)) void (client as pg.PoolClient & pg.Client).end();
  });
}

const beneath = (client: pg.PoolClient) => client as unknown as Beneath;
