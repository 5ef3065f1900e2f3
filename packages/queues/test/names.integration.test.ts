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

/** A database of a test's own, and what is opened to it: closed with the test. */
interface Own {
  database: TestDatabase;
  sql(statement: string): Promise<{ rows: { schemaname: string }[] }>;
  withParameter(name: string, value: string): string;
  connect(databaseUrl: string, tablesIn: string): QueueConnection;
  setSearchPath(schema: string): Promise<unknown>;
  pooled(options: Parameters<typeof startPgBouncer>[1]): Promise<string>;
  schemasWithJobs(): Promise<string[]>;
}

/** Runs a test in a database of its own, beside the others. */
const inOwnDatabase = (run: (own: Own) => Promise<void>) => async () => {
  const database = await createEmptyDatabase();
  const opened: QueueConnection[] = [];
  const ways: Way[] = [];
  const sql = (statement: string) => withClient(database.url, "test", (client) => client.query(statement));
  const own: Own = {
    ...{ database, sql },
    withParameter(name, value) {
      const url = new URL(database.url);
      url.searchParams.set(name, value);
      return url.href;
    },
    connect(databaseUrl, tablesIn) {
      const connection = connectQueues({ databaseUrl, tablesIn, onError: () => undefined });
      opened.push(connection);
      return connection;
    },
    setSearchPath: (schema) =>
      sql(`alter role fanfare in database ${new URL(database.url).pathname.slice(1)} set search_path to ${schema}`),
    async pooled(options) {
      const way = await startPgBouncer(database.url, options);
      ways.push(way);
      return way.url;
    },
    async schemasWithJobs() {
      const { rows } = await sql(
        "select schemaname from pg_tables where tablename = 'job' or tablename = 'jobs' order by 1",
      );
      return rows.map(({ schemaname }: { schemaname: string }) => schemaname);
    },
  };
  try {
    await run(own);
  } finally {
    await Promise.all(opened.map((connection) => connection.close()));
    await Promise.all(ways.map((way) => way.close()));
    await database.drop();
  }
};

/** Takes a job through a queue. */
async function works(connection: QueueConnection): Promise<void> {
  const fail = (error: unknown) => {
    throw error;
  };
  const seen: string[] = [];
  const consumer = consume(connection, "fanout", async ({ batchIds }) => void seen.push(...batchIds), {
    ...{ concurrency: 1, onError: fail, onBroken: fail },
  });
  const producer = createProducer(connection, "fanout", { jobsMax: 100 });
  const batchId = randomUUID();
  await producer.add({ batchId, recipients: 1, depth: 1 });
  await until(() => seen.includes(batchId));
  await producer.close();
  await consumer.stop();
}

const places: [string, string, string, (own: Own) => Promise<string>][] = [
  [
    "?options= with a search path",
    "public",
    "bullmq",
    async ({ withParameter }) => withParameter("options", "-c search_path=public"),
  ],
  [
    "?options= without one",
    "public",
    "bullmq",
    async ({ withParameter }) => withParameter("options", "-c statement_timeout=9000"),
  ],
  [
    "?schema=",
    "push",
    "push_bullmq",
    async ({ sql, withParameter }) => {
      await sql("create schema push");
      return withParameter("schema", "push");
    },
  ],
  [
    "?schema= that is no name for BullMQ",
    "Push-1",
    "bullmq_",
    async ({ sql, withParameter }) => {
      await sql('create schema "Push-1"');
      return withParameter("schema", "Push-1");
    },
  ],
  [
    "a role with its own search path",
    "fanfare",
    "fanfare_bullmq",
    async ({ sql, database }) => {
      await sql("create schema fanfare");
      return database.url;
    },
  ],
];

test.concurrent.each(places)("by %s, with the tables in %s, the queues are in %s…", (_way, tablesIn, schema, urlOf) =>
  inOwnDatabase(async (own) => {
    const { connect, schemasWithJobs } = own;
    const url = await urlOf(own);
    await migrateQueues({ databaseUrl: url });
    const [only, ...others] = await schemasWithJobs();
    expect([only?.startsWith(schema), others]).toEqual([true, []]);
    const connection = connect(url, tablesIn);
    await connection.usable();
    await works(connection);
  })(),
);

test.concurrent(
  "two installations in one database share no queue",
  inOwnDatabase(async ({ sql, connect, withParameter }) => {
    const [one, two] = ["one", "two"].map((name) => ({ name, url: withParameter("schema", name) })) as [Place, Place];
    for (const { name, url } of [one, two]) {
      await sql(`create schema ${name}`);
      await migrateQueues({ databaseUrl: url });
    }
    const [first, second] = [connect(one.url, one.name), connect(two.url, two.name)];
    await createProducer(first, "fanout", { jobsMax: 100 }).add({ batchId: randomUUID(), recipients: 1, depth: 1 });
    expect((await first.counts("fanout")).waiting).toBe(1);
    expect((await second.counts("fanout")).waiting).toBe(0);
  }),
);

interface Place {
  name: string;
  url: string;
}

if (hasPgBouncer()) {
  describe("through PgBouncer", () => {
    const ignored = ["search_path", "statement_timeout"];
    /** In a database with queues. */
    const withQueues = (run: (own: Own) => Promise<void>) =>
      inOwnDatabase(async (own) => {
        await migrateQueues({ databaseUrl: own.database.url });
        await run(own);
      });
    /** Where the pooler drops the search path of a session. */
    const inQueueSchema = ({ setSearchPath }: Own) => setSearchPath("bullmq");

    test.concurrent(
      "a pool of sessions in the queue's schema does",
      withQueues(async (own) => {
        await inQueueSchema(own);
        const connection = own.connect(await own.pooled({ mode: "session", poolSize: 10, ignored }), "public");
        await connection.usable();
        await works(connection);
      }),
    );

    test.concurrent.each([1, 5])(
      "a pool of transactions over %d connections is refused: nobody would hear of a job",
      (poolSize) =>
        withQueues(async (own) => {
          await inQueueSchema(own);
          const connection = own.connect(await own.pooled({ poolSize, ignored }), "public");
          await expect(connection.usable()).rejects.toThrow(
            "pools transactions, which loses the notifications that queues in Postgres wait for: let DATABASE_URL name Postgres itself or a pool of sessions, or set REDIS_URL.",
          );
        })(),
    );

    test.concurrent(
      "one that refuses the search path is told what to set",
      withQueues(async ({ connect, pooled }) => {
        const connection = connect(await pooled({ mode: "session", ignored: [] }), "public");
        await expect(connection.usable()).rejects.toThrow(
          "The pooler before Postgres refuses the start-up parameter search_path: name it in PgBouncer's track_extra_parameters.",
        );
      }),
    );

    test.concurrent(
      "one that drops the search path is told so",
      withQueues(async ({ connect, pooled }) => {
        const connection = connect(await pooled({ mode: "session", ignored }), "public");
        await expect(connection.usable()).rejects.toThrow(
          "ignores the start-up parameter search_path: the session is in",
        );
      }),
    );
  });
}
