import { connectDb, type Db, migrate, requireMigrated } from "@fanfare/db";
import { withClient } from "@fanfare/postgres";
import { createEmptyDatabase, hasPgBouncer, startPgBouncer, type TestDatabase } from "@fanfare/testkit";
import { aFannedOutOperation } from "./support.js";

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

const sql = (statement: string) => withClient(database.url, "test", (client) => client.query(statement));
const withParameter = (name: string, value: string) => {
  const url = new URL(database.url);
  url.searchParams.set(name, value);
  return url.href;
};
const nameOfDatabase = () => new URL(database.url).pathname.slice(1);

async function schemasWithTables(): Promise<string[]> {
  const { rows } = await sql("select distinct schemaname from pg_tables where tablename in ('operations', 'attempts')");
  return rows.map(({ schemaname }: { schemaname: string }) => schemaname);
}

/** Raw SQL writes it, Prisma reads it. */
async function works(db: Db): Promise<void> {
  const { id } = await aFannedOutOperation(db, 3);
  expect(await db.operation.findUnique({ where: { id }, select: { recipients: true } })).not.toBeNull();
}

const ways: [string, string, () => Promise<string>][] = [
  ["?schema=", "push", async () => withParameter("schema", "push")],
  ["?schema= that wants quotes", "Push-1", async () => withParameter("schema", "Push-1")],
  [
    "?schema= beside ?options=",
    "push",
    async () => `${withParameter("schema", "push")}&options=-c%20search_path%3Dpublic`,
  ],
  [
    "?options=",
    "elsewhere",
    async () => {
      await sql("create schema elsewhere");
      return withParameter("options", "-c search_path=elsewhere,public");
    },
  ],
  [
    "the role's own search path",
    "fanfare",
    async () => {
      await sql("create schema fanfare");
      return database.url;
    },
  ],
  [
    "the search path of a role in a database",
    "app",
    async () => {
      await sql("create schema app");
      await sql(`alter role fanfare in database ${nameOfDatabase()} set search_path to app, public`);
      return database.url;
    },
  ],
  ["nothing else", "public", async () => database.url],
];

test.each(ways)("by %s, tables are made, written and read in %s", async (_way, schema, urlOf) => {
  const url = await urlOf();
  await migrate(url);
  expect(await schemasWithTables()).toEqual([schema]);
  expect(await migrate(url)).toEqual([]);
  const db = connectDb(url);
  await requireMigrated(db, url);
  await works(db);
  await db.$disconnect();
});

test("tables are found where they are, whatever schema is put before theirs later", async () => {
  await migrate(database.url);
  await sql("create schema fanfare");
  expect(await migrate(database.url)).toEqual([]);
  const db = connectDb(database.url);
  await works(db);
  await db.$disconnect();
});

test("two installations in one database know nothing of each other", async () => {
  const urls = [withParameter("schema", "one"), withParameter("schema", "two")];
  const dbs = urls.map((url) => connectDb(url));
  for (const url of urls) await migrate(url);
  const [one, two] = dbs as [Db, Db];
  await works(one);
  expect([await one.operation.count(), await two.operation.count()]).toEqual([1, 0]);
  await Promise.all(dbs.map((db) => db.$disconnect()));
});

test("another application's migrations are not taken for Fanfare's", async () => {
  await sql("create table _prisma_migrations (migration_name text)");
  await sql("create schema fanfare");
  await migrate(database.url);
  expect(await schemasWithTables()).toEqual(["fanfare"]);
});

test("without a schema to work in, that is said, and work begins when there is one", async () => {
  await sql("drop schema public");
  await expect(migrate(database.url)).rejects.toThrow("names no schema that exists");
  const db = connectDb(database.url);
  await expect(db.operation.count()).rejects.toThrow("names no schema that exists");
  await sql("create schema public");
  await migrate(database.url);
  await works(db);
  await db.$disconnect();
});

test.each(["", 'push"', "x".repeat(64)])("?schema=%s can be no schema: that is said", async (name) => {
  const url = withParameter("schema", name);
  await expect(migrate(url)).rejects.toThrow(
    "What DATABASE_URL names with ?schema= can be no schema: it must be a name of 1 to 63 bytes",
  );
});

if (hasPgBouncer()) {
  describe("through PgBouncer that pools transactions", () => {
    const ignored = ["search_path", "statement_timeout", "idle_in_transaction_session_timeout"];
    let pooler: Awaited<ReturnType<typeof startPgBouncer>>;

    afterEach(() => pooler.close());

    const pool = async (options: Parameters<typeof startPgBouncer>[1]) => {
      pooler = await startPgBouncer(database.url, options);
      return `${pooler.url}?schema=push`;
    };

    test("tables are made, written and read in the schema that the role names", async () => {
      await sql(`alter role fanfare in database ${nameOfDatabase()} set search_path to push`);
      const url = await pool({ ignored, poolSize: 3 });
      await migrate(url);
      expect(await schemasWithTables()).toEqual(["push"]);
      const db = connectDb(url);
      expect(await requireMigrated(db, url)).toBe("push");
      await works(db);
      await db.$disconnect();
    });

    const unusable: [string, string[], string][] = [
      [
        "refuses the search path",
        ignored.slice(1),
        "refuses the start-up parameter search_path: name it in PgBouncer's track_extra_parameters",
      ],
      [
        "drops the search path",
        ignored,
        'ignores the start-up parameter search_path: the session is in "$user", public instead of push',
      ],
      [
        "refuses another parameter",
        ["search_path"],
        "refuses the start-up parameter statement_timeout: name it in PgBouncer's ignore_startup_parameters",
      ],
    ];
    test.each(unusable)("one that %s is told so", async (_what, dropped, text) => {
      const url = await pool({ ignored: dropped });
      const db = connectDb(url);
      await expect(requireMigrated(db, url)).rejects.toThrow(text);
      await db.$disconnect();
    });
  });
}
