import { existsSync, readdirSync } from "node:fs";
import { explainDatabase, pingDbAnew } from "@fanfare/db";
import { findEmbeddedPostgres, forgetPostgresVariables } from "@fanfare/embedded-postgres";
import { inDataDir } from "@fanfare/runtime";
import { CommandError } from "./command-error.js";
import type { CliConfig } from "./config.js";

/**
 * The database of the installation, which answers: DATABASE_URL, else the embedded Postgres that runs in the data directory. What
 * the shell says of another Postgres (`PG*`) does not reach that one.
 *
 * @throws an error that says what to do when there is none, or it does not answer.
 */
export async function findDatabase({ DATABASE_URL, FANFARE_DATA_DIR }: CliConfig): Promise<string> {
  const url = DATABASE_URL ?? findEmbedded(FANFARE_DATA_DIR);
  try {
    await pingDbAnew(url);
    return url;
  } catch (error) {
    if (DATABASE_URL !== undefined) throw explainDatabase(error, url);
    throw new CommandError(`The embedded Postgres in ${FANFARE_DATA_DIR} does not answer: start Fanfare (npm start).`, {
      cause: error,
    });
  }
}

function findEmbedded(dataDir: string): string {
  const url = inDataDir(dataDir, () => {
    // What is in a folder that may not be read is not missing.
    if (existsSync(dataDir)) readdirSync(dataDir);
    return findEmbeddedPostgres(dataDir);
  });
  if (url === undefined) {
    throw new CommandError(`No Fanfare runs in ${dataDir}: set DATABASE_URL, or start it first (npm start).`);
  }
  forgetPostgresVariables();
  return url;
}
