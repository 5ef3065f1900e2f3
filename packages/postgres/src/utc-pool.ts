import pg from "pg";
import { retireDemoted } from "./retire-demoted.js";
import { type SessionConfig, UtcClient } from "./utc-client.js";

/** A pool of connections in UTC, which end no process when they are lost. Whoever makes it ends it. */
export class UtcPool extends pg.Pool {
  constructor(config: pg.PoolConfig & SessionConfig) {
    super({ keepAlive: true, ...config, Client: UtcClient });
    // Nobody listens to a connection between its being made and its first query, and what nobody hears ends the process.
    // Who asked for it is told by that query.
    this.on("connect", (client) => client.on("error", () => undefined));
    retireDemoted(this);
    // node-postgres hangs the lost connection on it, which a log would print whole.
    this.on("error", (error: Error & { client?: unknown }) => void delete error.client);
    // A transaction whose ROLLBACK is not answered either is given back like any other. Whoever came next would write into it, and
    // it is never committed: a pool throws away a connection that is ending.
    this.on("release", (_error, client) => {
      if (/[TE]/.test(client.getTransactionStatus() ?? "")) void (client as pg.PoolClient & pg.Client).end();
    });
  }
}
