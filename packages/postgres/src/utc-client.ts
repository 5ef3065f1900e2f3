import pg from "pg";
import { schemaOf } from "./schema.js";

/** What a session is opened with. */
export interface SessionConfig extends pg.ClientConfig {
  /** The one schema in which names are resolved. @default what the URL names, else what the role and the database say */
  searchPath?: string;
}

/**
 * A connection whose session is in UTC, whatever the zone of the database, the role, `PGOPTIONS` or the host (Prisma's adapter
 * writes times without an offset and reads them as UTC), and in the schema that its URL names.
 *
 * Both are start-up parameters of their own, as pgjdbc sends them: they win over every other setting, `options` included, and
 * leave that alone; they cost no question, and poolers know them. PgBouncer refuses `options`, and a `set` would stay with
 * whichever server it reached.
 */
export class UtcClient extends pg.Client {
  private readonly schema: string | undefined;

  constructor(config: SessionConfig = {}) {
    super(config);
    const { searchPath, connectionString } = config;
    this.schema = searchPath ?? (connectionString === undefined ? undefined : schemaOf(connectionString));
  }

  /** What node-postgres opens a session with. Its types do not declare it: a test asks servers for their zone. */
  getStartupConf(): Record<string, string> {
    return {
      ...inherited.getStartupConf.call(this),
      TimeZone: "UTC",
      ...(this.schema !== undefined && { search_path: pg.escapeIdentifier(this.schema) }),
    };
  }
}

const inherited = pg.Client.prototype as unknown as { getStartupConf(): Record<string, string> };
