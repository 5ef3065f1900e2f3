import { migrate as migrateDatabase } from "@fanfare/db";
import { migrateQueues, redisPlace } from "@fanfare/queues";
import type { CliConfig } from "../config.js";

/** `fanfare migrate`: brings the database at DATABASE_URL up to this release. */
export async function migrate(config: CliConfig): Promise<void> {
  const databaseUrl = config.DATABASE_URL;
  if (databaseUrl === undefined) throw new Error("Set DATABASE_URL to the database to migrate.");
  const applied = await migrateDatabase(databaseUrl);
  await migrateQueues({ databaseUrl, redis: redisPlace(config) });
  process.stdout.write(applied.length > 0 ? `Applied ${applied.join(", ")}.\n` : "The database is up to date.\n");
}
