import { randomUUID } from "node:crypto";
import { withClient } from "@fanfare/postgres";
import { connectQueues, consume, createProducer, migrateQueues, type QueueConnection } from "@fanfare/queues";
import {
  createEmptyDatabase,
  hasPgBouncer,
  startPgBouncer,
  type TestDatabase,
  until,
  type Way,
} from "@fanfare/testkit";

let database: TestDatabase;
const opened: QueueConnection[] = [];
const ways: Way[] = [];

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
  await Promise.all(ways.splice(0).map((way) => way.close()));
  await database.drop();
});

const sql = (statement: string) => withClient(database.url, "test", (client) => client.query(statement));
const withParameter = (name: string, value: string) => {
  const url = new URL(database.url);
  url.searchParams.set(name, value);
  return url.href;
};
const connect = (databaseUrl: string, tablesIn: string) => {
  const connection = connectQueues({ databaseUrl, tablesIn, onError: () => undefined });
  opened.push(connection);
  return connection;
};

const setSearchPath = (schema: string) =>
  sql(`alter role fanfare in database ${new URL(database.url).pathname.slice(1)} set search_path to ${schema}`);

async function pooled(options: Parameters<typeof startPgBouncer>[1]): Promise<string> {
  const way = await startPgBouncer(database.url, options);
  ways.push(way);
  return way.url;
}

/** Takes a job through a queue. */
async function works(connection: QueueConnection): Promise<void> {
  const fail = (error: unknown) => {
    throw error;
  };
  const seen: string[] = [];
  const consumer = consume(connection, "fanout", async (ids) => void seen.push(...ids), {
    ...{ concurrency: 1, onError: fail, onBroken: fail },
  });
  const producer = createProducer(connection, "fanout", { jobsMax: 100 });
  const batchId = randomUUID();
  await producer.add({ batchId, recipients: 1, depth: 1 });
  await until(() => seen.includes(batchId));
  await producer.close();
  await consumer.stop();
}

async function schemasWithJobs(): Promise<string[]> {
  const { rows } = await sql(
    "select schemaname from pg_tables where tablename = 'job' or tablename = 'jobs' order by 1",
  );
  return rows.map(({ schemaname }: { schemaname: string }) => schemaname);
}

const places: [string, string, string, () => Promise<string>][] = [
  ["?options= with a search path", "public", "bullmq", async () => withParameter("options", "-c search_path=public")],
  ["?options= without one", "public", "bullmq", async () => withParameter("options", "-c statement_timeout=9000")],
  [
    "?schema=",
    "push",
    "push_bullmq",
    async () => {
      await sql("create schema push");
      return withParameter("schema", "push");
    },
  ],
  [
    "?schema= that is no name for BullMQ",
    "Push-1",
    "bullmq_",
    async () => {
      await sql('create schema "Push-1"');
      return withParameter("schema", "Push-1");
    },
  ],
  [
    "a role with its own search path",
    "fanfare",
    "fanfare_bullmq",
    async () => {
      await sql("create schema fanfare");
      return database.url;
    },
  ],
];

test.each(places)("by %s, with the tables in %s, the queues are in %s…", async (_way, tablesIn, schema, urlOf) => {
  const url = await urlOf();
  await migrateQueues({ databaseUrl: url });
  const [only, ...others] = await schemasWithJobs();
  expect([only?.startsWith(schema), others]).toEqual([true, []]);
  const connection = connect(url, tablesIn);
  await connection.usable();
  await works(connection);
});

test("two installations in one database share no queue", async () => {
  const [one, two] = ["one", "two"].map((name) => ({ name, url: withParameter("schema", name) })) as [Place, Place];
  for (const { name, url } of [one, two]) {
    await sql(`create schema ${name}`);
    await migrateQueues({ databaseUrl: url });
  }
  const [first, second] = [connect(one.url, one.name), connect(two.url, two.name)];
  await createProducer(first, "fanout", { jobsMax: 100 }).add({ batchId: randomUUID(), recipients: 1, depth: 1 });
  expect((await first.counts("fanout")).waiting).toBe(1);
  expect((await second.counts("fanout")).waiting).toBe(0);
});

interface Place {
  name: string;
  url: string;
}

if (hasPgBouncer()) {
  describe("through PgBouncer", () => {
    const ignored = ["search_path", "statement_timeout"];
    /** Where the pooler drops the search path of a session. */
    const inQueueSchema = () => setSearchPath("bullmq");

    beforeEach(() => migrateQueues({ databaseUrl: database.url }));

    test("a pool of sessions in the queue's schema does", async () => {
      await inQueueSchema();
      const connection = connect(await pooled({ mode: "session", poolSize: 10, ignored }), "public");
      await connection.usable();
      await works(connection);
    });

    test.each([1, 5])(
      "a pool of transactions over %d connections is refused: nobody would hear of a job",
      async (poolSize) => {
        await inQueueSchema();
        const connection = connect(await pooled({ poolSize, ignored }), "public");
        await expect(connection.usable()).rejects.toThrow(
          "pools transactions, which loses the notifications that queues in Postgres wait for: let DATABASE_URL name Postgres itself or a pool of sessions, or set REDIS_URL.",
        );
      },
    );

    test("one that refuses the search path is told what to set", async () => {
      const connection = connect(await pooled({ mode: "session", ignored: [] }), "public");
      await expect(connection.usable()).rejects.toThrow(
        "The pooler before Postgres refuses the start-up parameter search_path: name it in PgBouncer's track_extra_parameters.",
      );
    });

    test("one that drops the search path is told so", async () => {
      const connection = connect(await pooled({ mode: "session", ignored }), "public");
      await expect(connection.usable()).rejects.toThrow(
        "ignores the start-up parameter search_path: the session is in",
      );
    });
  });
}
