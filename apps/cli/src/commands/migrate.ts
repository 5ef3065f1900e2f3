import { redisPlace } from "@fanfare/queues";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { prepareDatabase } from "../prepare-stores.js";

/** `fanfare migrate`: brings the database at DATABASE_URL up to this release. */
export async function migrate(config: CliConfig): Promise<void> {
  const databaseUrl = config.DATABASE_URL;
  if (databaseUrl === undefined) {
    throw new CommandError(
      "Set DATABASE_URL to the database to migrate; fanfare start migrates the embedded one itself.",
    );
  }
  const onEvent = (event: string) => void process.stderr.write(`Postgres ${event}.\n`);
  const { applied } = await prepareDatabase({ databaseUrl, redis: redisPlace(config), onEvent });
  process.stdout.write(applied.length > 0 ? `Applied ${applied.join(", ")}.\n` : "The database is up to date.\n");
}
