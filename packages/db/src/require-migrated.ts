import { explainRefusal, requireSearchPath, schemaOf } from "@fanfare/postgres";
import type { Db } from "./connect.js";
import { readMigrationNames } from "./migrate.js";
import { isDatabaseUnavailable, isUndefinedTable } from "./postgres-errors.js";
import { NoSchemaError } from "./schema-adapter.js";

/** The database is there, but has not been brought up to this release. */
export class NotMigratedError extends Error {
  override readonly name = "NotMigratedError";
}

/**
 * Resolves when the database has all that this release was written for.
 *
 * @throws NotMigratedError, and UnusableServerError when a pooler before it does not let Fanfare have the session that it needs.
 */
export async function requireMigrated(db: Db, url: string): Promise<void> {
  await requireSession(db, schemaOf(url));
  const applied = new Set(await readAppliedNames(db));
  const missing = (await readMigrationNames()).filter((name) => !applied.has(name));
  if (missing.length === 0) return;
  throw new NotMigratedError(
    `The database lacks ${missing.length} migrations, ${missing[0]} first: run fanfare migrate.`,
  );
}

async function requireSession(db: Db, schema: string | undefined): Promise<void> {
  try {
    const [session] = await db.$queryRaw<{ path: string }[]>`select current_setting('search_path') as path`;
    if (schema !== undefined) requireSearchPath(session?.path ?? "", schema);
  } catch (error) {
    throw explainRefusal(error);
  }
}

async function readAppliedNames(db: Db): Promise<string[]> {
  try {
    const rows = await db.$queryRaw<{ name: string }[]>`
      select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null`;
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw error;
  }
}

/** Whether an error of a process that begins says that its database may be at hand later. */
export function isNotAtHand(error: unknown): boolean {
  return error instanceof NotMigratedError || error instanceof NoSchemaError || isDatabaseUnavailable(error);
}
