import { findEmbeddedPostgres, forgetPostgresVariables } from "@fanfare/db";
import type { CliConfig } from "./config.js";

/**
 * The database of the installation: DATABASE_URL, else the embedded Postgres that runs in the data directory. What the
 * shell says of another Postgres (`PG*`) does not reach that one.
 *
 * @throws Error when there is none.
 */
export function findDatabase(config: CliConfig): string {
  if (config.DATABASE_URL !== undefined) return config.DATABASE_URL;
  const embedded = findEmbeddedPostgres(config.FANFARE_DATA_DIR);
  if (embedded === undefined) throw new Error("Set DATABASE_URL, or start Fanfare first (npm start).");
  forgetPostgresVariables();
  return embedded;
}
