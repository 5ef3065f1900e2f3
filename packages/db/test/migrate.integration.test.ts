import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectDb, migrate } from "@fanfare/db";
import { createTestDatabase } from "@fanfare/testkit";
import pg from "pg";

const migrations = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));

async function withEmptyDatabase(run: (url: string) => Promise<void>) {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("drop schema public cascade; create schema public");
  await client.end();
  try {
    await run(database.url);
  } finally {
    await database.drop();
  }
}

/** The migrations of a database, in the order in which they were applied. */
async function appliedIn(url: string): Promise<string[]> {
  const db = connectDb(url);
  const rows = await db.$queryRaw<{ name: string }[]>`
    select migration_name as name from _prisma_migrations order by finished_at`;
  await db.$disconnect();
  return rows.map(({ name }) => name);
}

test("however many processes migrate at once, each migration is applied once", async () => {
  await withEmptyDatabase(async (url) => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
    const folders = await readdir(migrations, { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    // Who applies the next one may be another process each time.
    expect(applied.flat().sort()).toEqual(names.sort());
    expect(await appliedIn(url)).toEqual(names);
    expect(await migrate(url)).toEqual([]);
  });
});

test("a migration that was changed after it was applied is refused", async () => {
  const dir = await mkdtemp(join(tmpdir(), "fanfare-migrations-"));
  await cp(migrations, dir, { recursive: true });
  await withEmptyDatabase(async (url) => {
    await migrate(url, dir);
    await writeFile(join(dir, "20261123000000_main_job", "migration.sql"), "select 1");
    await expect(migrate(url, dir)).rejects.toThrow("was changed after it was applied");
  });
  await rm(dir, { recursive: true });
});

test("a migration that fails leaves nothing behind and is named", async () => {
  const dir = await mkdtemp(join(tmpdir(), "fanfare-migrations-"));
  await cp(migrations, dir, { recursive: true });
  await cp(join(dir, "20261123000000_main_job"), join(dir, "20991231000000_broken"), { recursive: true });
  await writeFile(join(dir, "20991231000000_broken", "migration.sql"), "create table half (id int); select nonsense");
  await withEmptyDatabase(async (url) => {
    await expect(migrate(url, dir)).rejects.toThrow("20991231000000_broken failed");
    const db = connectDb(url);
    const tables = await db.$queryRaw<object[]>`select from pg_tables where tablename = 'half'`;
    await db.$disconnect();
    expect(tables).toHaveLength(0);
  });
  await rm(dir, { recursive: true });
});

// The migrations are written by hand: reading every field of every model shows that the schema names what is there.
test("every field of the Prisma schema is in the migrated database", async () => {
  const database = await createTestDatabase();
  const db = connectDb(database.url);
  const models = [
    ...[db.operation, db.recipientBatch, db.deliveryBatch, db.notification, db.notificationAddress, db.attempt],
    ...[db.account, db.apiKey, db.auditEvent, db.app, db.credential, db.credentialCheck, db.user],
    ...[db.deviceRegistration, db.invalidToken, db.idempotencyKey, db.operationTag],
  ];
  for (const model of models) {
    await expect((model as typeof db.operation).findMany({ take: 1 })).resolves.toEqual([]);
  }
  await db.$disconnect();
  await database.drop();
});
