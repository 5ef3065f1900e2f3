import pg from "pg";

/**
 * A connection whose session is in UTC, whatever the zone of the database, the role, `PGOPTIONS` or the host: Prisma's adapter
 * writes times without an offset and reads them as UTC.
 *
 * `TimeZone` is a start-up parameter of its own, as pgjdbc sends it: it wins over every other setting, `options` included, costs
 * no question, and poolers know it. PgBouncer refuses `options`, and a `set` would stay with whichever server it reached.
 */
export class UtcClient extends pg.Client {
  /** What node-postgres opens a session with. Its types do not declare it: a test asks servers for their zone. */
  getStartupConf(): Record<string, string> {
    return { ...inherited.getStartupConf.call(this), TimeZone: "UTC" };
  }
}

const inherited = pg.Client.prototype as unknown as { getStartupConf(): Record<string, string> };
