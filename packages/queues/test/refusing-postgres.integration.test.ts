import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { connectQueues, consume, createProducer, type QueueConnection } from "@fanfare/queues";
import { createTestDatabase, type TestDatabase, until } from "@fanfare/testkit";

let database: TestDatabase;
let connection: QueueConnection;
const errors: Error[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  connection = connectQueues({ databaseUrl: database.url, onError: (error) => errors.push(error) });
  errors.length = 0;
});
afterEach(async () => {
  await connection.close();
  await database.drop();
});

test("a Postgres that refuses to give out the jobs that wait is asked once a second, and gives them out once it does again", async () => {
  const producer = createProducer(connection, "fanout", { jobsMax: 100 });
  const batchIds = Array.from({ length: 20 }, () => randomUUID());
  await Promise.all(batchIds.map((batchId) => producer.add({ batchId, recipients: 500, depth: 1 })));
  await database.setReadOnly(true);
  await database.endSessions();
  // By then no connection of before is left: a consumer that began with one would be broken.
  await until(() =>
    connection.ping().then(
      () => false,
      ({ message }: Error) => message.includes("read-only"),
    ),
  );
  const seen: string[] = [];
  const consumer = consume(connection, "fanout", async ({ batchIds }) => void seen.push(...batchIds), {
    ...{ concurrency: 5, onError: (error) => errors.push(error) },
    onBroken(error) {
      throw error;
    },
  });
  await until(() => errors.some(({ message }) => message.includes("read-only")));
  errors.length = 0;
  await setTimeout(3_000);
  const refusals = errors.filter(({ message }) => message.includes("cannot execute"));
  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals.length).toBeLessThan(10);
  await database.setReadOnly(false);
  await database.endSessions();
  await until(() => batchIds.every((id) => seen.includes(id)));
  await producer.close();
  await consumer.stop();
});
