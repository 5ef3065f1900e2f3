import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { findSchema, requireSearchPath, schemaOf, withClient } from "@fanfare/postgres";
import { type Client, escapeIdentifier } from "pg";
import { NoSchemaError } from "./schema-adapter.js";

/** Held while migrations are applied, however many processes start at once. The number is arbitrary, but fixed. */
const MIGRATION_LOCK = 4_207_332_901;

const MIGRATIONS_DIR = fileURLToPath(new URL("../../../prisma/migrations/", import.meta.url));

// The table as Prisma's own schema engine makes it, so that `prisma migrate status` and `deploy` agree with this runner.
const CREATE_MIGRATIONS_TABLE = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;

/** A migration is in the way of all others. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly forOperator = true;
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Applies the migrations under prisma/migrations/ that the database does not have, each in a transaction of its own,
 * and returns their names. Safe to call from any number of processes at once, and through a pooler.
 *
 * The tables are made in the schema that the URL names with `?schema=`, which is made too, else in the first one of the session's
 * search path, where later migrations find them whatever is put before it.
 *
 * @throws MigrationError when a migration fails, when an applied one was changed since, or when one was left unfinished.
 */
export async function migrate(databaseUrl: string, migrationsDir = MIGRATIONS_DIR): Promise<string[]> {
  const migrations = await readMigrations(migrationsDir);
  return withClient(databaseUrl, "fanfare-migrate", async (client) => {
    const known = await alone(client, async (schema) => {
      await prepare(client, schema, schemaOf(databaseUrl));
      return readApplied(client);
    });
    const applied: string[] = [];
    for (const migration of migrations.filter((one) => !isApplied(one, known))) {
      if (await alone(client, () => applyIfMissing(client, migration))) applied.push(migration.name);
    }
    return applied;
  });
}

/**
 * Runs statements in a transaction of which there is one at a time, in the schema of Fanfare's tables. A lock of the session's
 * would be left behind with whichever server a pooler used for it.
 */
async function alone<Result>(client: Client, run: (schema: string | undefined) => Promise<Result>): Promise<Result> {
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const schema = await findSchema(client);
    if (schema !== undefined) await setSchema(client, schema);
    const result = await run(schema);
    await client.query("commit");
    return result;
  } catch (error) {
    // What failed is what the caller is told; without a connection there is nothing to roll back.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

const setSchema = (client: Client, schema: string) =>
  client.query("select set_config('search_path', $1, true)", [escapeIdentifier(schema)]);

async function prepare(client: Client, found: string | undefined, named: string | undefined): Promise<void> {
  const schema = found ?? named;
  if (schema === undefined) throw new NoSchemaError();
  if (named !== undefined) requireSearchPath(escapeIdentifier(schema), named);
  if (found === undefined) {
    await client.query(`create schema ${escapeIdentifier(schema)}`);
    await setSchema(client, schema);
  }
  const { rowCount } = await client.query("select from pg_tables where schemaname = $1 and tablename = $2", [
    ...[schema, "_prisma_migrations"],
  ]);
  // Whoever may not make tables may still ask whether all are made.
  if (rowCount === 0) await client.query(CREATE_MIGRATIONS_TABLE);
}

/** The names of this release's migrations, the first one first. */
export async function readMigrationNames(dir = MIGRATIONS_DIR): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const names = await readMigrationNames(dir);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${dir}/${name}/migration.sql`, "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function readApplied(client: Client): Promise<Map<string, { checksum: string; finished: boolean }>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished: boolean }>(
    `select migration_name, checksum, finished_at is not null as finished
     from _prisma_migrations where rolled_back_at is null`,
  );
  return new Map(rows.map(({ migration_name, ...row }) => [migration_name, row]));
}

function isApplied({ name, checksum }: Migration, applied: Awaited<ReturnType<typeof readApplied>>): boolean {
  const row = applied.get(name);
  if (!row) return false;
  if (!row.finished)
    throw new MigrationError(
      `Migration ${name} was begun and not finished: undo or finish it, and say so in the table _prisma_migrations.`,
    );
  if (row.checksum !== checksum)
    throw new MigrationError(
      `Migration ${name} was changed after it was applied: DATABASE_URL names the database of another release.`,
    );
  return true;
}

/** Another process may have applied it since: the lock is of the transaction. */
async function applyIfMissing(client: Client, migration: Migration): Promise<boolean> {
  if (isApplied(migration, await readApplied(client))) return false;
  const { name, sql, checksum } = migration;
  try {
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       values ($1, $2, clock_timestamp(), $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    return true;
  } catch (error) {
    throw new MigrationError(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
