import { randomUUID } from "node:crypto";
import {
  boardQueues,
  connectQueues,
  consume,
  createProducer,
  type Producer,
  type QueueConnection,
} from "@fanfare/queues";
import { createTestDatabase, queueBackends, queueNamespace, type TestDatabase, until } from "@fanfare/testkit";

describe.each(queueBackends())("queues on $name", ({ redisUrl }) => {
  let database: TestDatabase;
  let connection: QueueConnection;
  let producer: Producer;
  const errors: Error[] = [];
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    connection = connectQueues({
      databaseUrl: database.url,
      redisUrl,
      namespace: queueNamespace(),
      onError: (error) => errors.push(error),
    });
    producer = createProducer(connection, "deliver-fcm");
    errors.length = 0;
  });

  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await producer.close();
    await connection.close();
    await database.drop();
  });

  const addAll = (count: number, fields: { recipients?: number; depth?: number } = {}) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const batchId = randomUUID();
        await producer.add({ batchId, recipients: 1, depth: 1, ...fields });
        return batchId;
      }),
    );

  function collect(concurrency = 1, handler: (ids: readonly string[]) => Promise<void> = async () => undefined) {
    const jobs: (readonly string[])[] = [];
    const consumer = consume(
      connection,
      "deliver-fcm",
      async (ids) => {
        jobs.push(ids);
        await handler(ids);
      },
      { concurrency, onError: (error) => errors.push(error) },
    );
    stops.push(consumer.stop);
    return { jobs, stop: consumer.stop };
  }

  test("every batch reaches a consumer once, and a thousand at once take a few jobs", async () => {
    const added = await addAll(1_000);
    const first = collect(4);
    const second = collect(4);
    const received = () => [...first.jobs, ...second.jobs].flat();
    await until(() => received().length >= 1_000);
    expect(received().sort()).toEqual(added.sort());
    expect(first.jobs.length + second.jobs.length).toBeLessThanOrEqual(24);
    expect(errors).toEqual([]);
  });

  test("a batch that comes alone is in the queue without waiting for others", async () => {
    await producer.add({ batchId: randomUUID(), recipients: 1, depth: 1 });
    expect(await connection.counts("deliver-fcm")).toEqual({ waiting: 1, active: 0 });
  });

  test("a job carries at most 500 recipients", async () => {
    await addAll(10, { recipients: 300 });
    expect((await connection.counts("deliver-fcm")).waiting).toBe(10);
  });

  test("a small send overtakes a large one that was enqueued before", async () => {
    for (let depth = 501; depth <= 5_001; depth += 500) await addAll(1, { recipients: 500, depth });
    const [small] = await addAll(1, { recipients: 1, depth: 1 });
    const { jobs } = collect();
    await until(() => jobs.length === 11);
    expect(jobs[0]).toEqual([small]);
  });

  test("a job of an unknown form fails without a call of the handler, and the next one is worked on", async () => {
    await connection.queue("deliver-fcm").add("deliver-fcm", { v: 2, tokens: ["secret"] });
    const [batchId] = await addAll(1);
    const { jobs } = collect();
    await until(() => jobs.length > 0);
    expect(jobs).toEqual([[batchId]]);
    await until(() => errors.some(({ message }) => message.includes("not of a known form")));
  });

  test("a handler that throws fails its job alone, which is not tried again", async () => {
    const [bad] = await addAll(1);
    const { jobs } = collect(1, async (ids) => {
      if (ids.includes(bad as string)) throw new Error("on purpose");
    });
    await until(() => errors.length > 0);
    const [good] = await addAll(1);
    await until(() => jobs.length === 2);
    expect(jobs).toEqual([[bad], [good]]);
    expect(errors.map(({ message }) => message)).toEqual(["on purpose"]);
  });

  test("stopping a consumer waits for what it works on and takes nothing more", async () => {
    await addAll(1);
    let finish: () => void = () => undefined;
    let finished = false;
    const { jobs, stop } = collect(1, async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      finished = true;
    });
    await until(() => jobs.length === 1);
    const stopped = stop();
    await addAll(1);
    finish();
    await stopped;
    expect(finished).toBe(true);
    expect(jobs).toHaveLength(1);
    expect((await connection.counts("deliver-fcm")).waiting).toBe(1);
  });

  test("what is in the queue are ids and nothing else", async () => {
    const [batchId] = await addAll(1);
    const [job] = await connection.queue("deliver-fcm").getJobs(["waiting", "prioritized"]);
    expect(job?.data).toEqual({ v: 1, batchIds: [batchId] });
  });

  test("Bull Board's adapters see the jobs", async () => {
    await addAll(1);
    const board = boardQueues(connection);
    expect(board.map((adapter) => adapter.getName()).sort()).toEqual(["deliver-apn", "deliver-fcm", "fanout"]);
    const fcm = board.find((adapter) => adapter.getName() === "deliver-fcm");
    const counts = await fcm?.getJobCounts();
    expect((counts?.waiting ?? 0) + (counts?.prioritized ?? 0)).toBe(1);
  });
});

test.each(["redis", "postgres"])("a producer whose %s is away rejects soon, and every caller is told", async (name) => {
  const nowhere = "127.0.0.1:1";
  const connection = connectQueues({
    databaseUrl: `postgres://nobody@${nowhere}/none`,
    redisUrl: name === "redis" ? `redis://${nowhere}` : undefined,
    onError: () => undefined,
  });
  const producer = createProducer(connection, "fanout");
  const add = () => producer.add({ batchId: randomUUID(), recipients: 1, depth: 1 });
  const results = await Promise.allSettled([add(), add()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(connection.ping()).rejects.toThrow();
  await connection.close().catch(() => undefined);
});
