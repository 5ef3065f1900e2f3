import { explainRefusal, FIND_SCHEMA, requireSearchPath, schemaOf } from "@fanfare/postgres";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { readMigrationNames } from "./migrate.js";
import { isDatabaseUnavailable, isUndefinedTable } from "./postgres-errors.js";
import { NoSchemaError } from "./schema-adapter.js";

/** The database is there, but has not been brought up to this release. */
export class NotMigratedError extends Error {
  override readonly name = "NotMigratedError";
  readonly forOperator = true;
}

/**
 * Resolves when the database has all that this release was written for, with the schema that it is in.
 *
 * @throws NotMigratedError, and UnusableServerError when a pooler before it does not let Fanfare have the session that it needs.
 */
export async function requireMigrated(db: Db, url: string): Promise<string> {
  const schema = await requireSession(db, schemaOf(url));
  const applied = new Set(await readAppliedNames(db));
  const missing = (await readMigrationNames()).filter((name) => !applied.has(name));
  if (missing.length === 0) return schema;
  throw new NotMigratedError(
    `The database lacks ${missing.length} migrations, ${missing[0]} first: run fanfare migrate.`,
  );
}

/** Resolves with the schema of the tables. */
async function requireSession(db: Db, named: string | undefined): Promise<string> {
  try {
    const [session] = await db.$queryRaw<{ path: string; schema: string | null }[]>`
      select current_setting('search_path') as path, found.schema from (${Prisma.raw(FIND_SCHEMA)}) as found`;
    if (named !== undefined) requireSearchPath(session?.path ?? "", named);
    if (!session?.schema) throw new NoSchemaError();
    return session.schema;
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
