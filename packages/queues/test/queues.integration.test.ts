import { randomUUID } from "node:crypto";
import { type AddressInfo, connect, createServer } from "node:net";
import {
  boardQueues,
  connectQueues,
  consume,
  createProducer,
  type Producer,
  QUEUE_NAMES,
  type QueueConnection,
  QueueFullError,
} from "@fanfare/queues";
import { createTestDatabase, queueBackends, queueNamespace, type TestDatabase, until } from "@fanfare/testkit";
import { QUEUES } from "../src/catalog.js";

const JOBS_MAX = 2_000;

const onBroken = (error: unknown) => {
  throw error;
};

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
      redis: redisUrl ? { url: redisUrl } : undefined,
      namespace: queueNamespace(),
      onError: (error) => errors.push(error),
    });
    producer = createProducer(connection, "deliver-fcm", { jobsMax: JOBS_MAX });
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
      async ({ batchIds }) => {
        jobs.push(batchIds);
        await handler(batchIds);
      },
      { concurrency, onError: (error) => errors.push(error), onBroken: (error) => errors.push(error as Error) },
    );
    stops.push(consumer.stop);
    return { jobs, stop: consumer.stop };
  }

  test("every batch reaches a consumer once, and a thousand at once take a few jobs", async () => {
    const added = await addAll(1_000);
    const first = collect(4);
    const second = collect(4);
    const received = () => [...first.jobs, ...second.jobs].flat();
    await until((see) => see(received().length) >= 1_000);
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

  test("of many that enqueue each fills a queue to its bound and no further, the last of it with what begins early", async () => {
    const bounded = [1, 2].map(() => createProducer(connection, "deliver-fcm", { jobsMax: 100 }));
    for (const [depth, bound] of [
      [20_000, 45],
      [1_000, 67],
      [1, 90],
    ] as const) {
      for (const one of bounded) {
        const added = Array.from({ length: 60 }, () => one.add({ batchId: randomUUID(), recipients: 500, depth }));
        for (const result of await Promise.allSettled(added)) {
          if (result.status === "rejected") expect(result.reason).toBeInstanceOf(QueueFullError);
        }
      }
      expect((await connection.counts("deliver-fcm")).waiting).toBe(bound);
    }
    // The rest is for what has waited in the database.
    const due = Array.from({ length: 20 }, () =>
      bounded[0]?.add({ batchId: randomUUID(), recipients: 500, depth: 20_000, lane: 0 }),
    );
    const results = await Promise.allSettled(due);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    await Promise.all(bounded.map((one) => one.close()));
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

  test("of finished jobs only so many are kept, whatever comes", async () => {
    collect();
    for (let round = 0; round < 6; round++) await addAll(200, { recipients: 500 });
    const kept = () => connection.queue("deliver-fcm").getJobCounts("completed", "waiting", "prioritized", "active");
    await until(async (see) =>
      Object.values(see(await kept())).every((count) => count <= QUEUES.fanout.retention.completed.count),
    );
    expect((await kept()).completed).toBeGreaterThan(0);
  });

  test("ten thousand batches at once are added in pieces, and each is there once", async () => {
    const ids = await addAll(10_000);
    const jobs = await connection.queue("deliver-fcm").getJobs(["waiting", "prioritized"]);
    const found = jobs.flatMap(({ data }) => (data as { batchIds: string[] }).batchIds);
    expect(new Set(found).size).toBe(ids.length);
    expect(found).toHaveLength(ids.length);
  });

  test("Bull Board's adapters see the jobs", async () => {
    await addAll(1);
    const board = boardQueues(connection);
    expect(board.map((adapter) => adapter.getName()).sort()).toEqual([...QUEUE_NAMES].sort());
    const fcm = board.find((adapter) => adapter.getName() === "deliver-fcm");
    const counts = await fcm?.getJobCounts();
    expect((counts?.waiting ?? 0) + (counts?.prioritized ?? 0)).toBe(1);
  });
});

// These have queues of their own, and wait side by side.
test.concurrent.each(["redis", "postgres"])(
  "a producer whose %s is away rejects soon, and every caller is told",
  async (name) => {
    const nowhere = "127.0.0.1:1";
    const connection = connectQueues({
      databaseUrl: `postgres://nobody@${nowhere}/none`,
      redis: name === "redis" ? { url: `redis://${nowhere}` } : undefined,
      onError: () => undefined,
    });
    const producer = createProducer(connection, "fanout", { jobsMax: JOBS_MAX });
    const add = () => producer.add({ batchId: randomUUID(), recipients: 1, depth: 1 });
    const results = await Promise.allSettled([add(), add()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(connection.ping()).rejects.toThrow();
    await connection.close();
  },
);

test.concurrent("more batches than a producer keeps waiting are refused at once", async () => {
  const connection = connectQueues({ databaseUrl: "postgres://nobody@127.0.0.1:1/none", onError: () => undefined });
  const producer = createProducer(connection, "fanout", { jobsMax: JOBS_MAX });
  let refused = 0;
  const adds = Array.from({ length: 60_000 }, () =>
    producer.add({ batchId: "", recipients: 1, depth: 1 }).catch(({ message }) => {
      if (message.includes("wait for the queue already")) refused += 1;
    }),
  );
  await Promise.all(adds);
  expect(refused).toBe(10_000);
  await connection.close();
});

// A worker that is started by the same hand as its database, or restarted while that fails over.
test.concurrent("a consumer that begins while its Postgres is away takes jobs when it is back, and keeps nothing else from running", async () => {
  const database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  let isAway = true;
  let refused = 0;
  const proxy = createServer((socket) => {
    if (isAway) {
      refused++;
      return void socket.resetAndDestroy();
    }
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.on("error", () => to.destroy()).pipe(to);
    }
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  const away = new URL(database.url);
  away.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  const there = connectQueues({ databaseUrl: database.url, onError: () => undefined });
  const producer = createProducer(there, "deliver-fcm", { jobsMax: JOBS_MAX });
  const connection = connectQueues({ databaseUrl: away.href, onError: () => undefined });
  const taken: string[] = [];
  const options = { concurrency: 1, onError: () => undefined, onBroken };
  const consumer = consume(connection, "deliver-fcm", async ({ batchIds }) => void taken.push(...batchIds), options);
  await until(() => refused > 0);
  const batchId = randomUUID();
  await producer.add({ batchId, recipients: 1, depth: 1 });
  isAway = false;
  await until(() => taken.includes(batchId));

  await consumer.stop();
  await connection.close();
  await producer.close();
  await there.close();
  proxy.close();
  await database.drop();
});

test.concurrent("a consumer that is stopped while its Postgres is away ends", async () => {
  const connection = connectQueues({ databaseUrl: "postgres://nobody@127.0.0.1:1/none", onError: () => undefined });
  const consumer = consume(connection, "fanout", async () => undefined, {
    concurrency: 1,
    onError: () => undefined,
    onBroken,
  });
  await consumer.stop();
  await connection.close();
});

test.concurrent.each(queueBackends())(
  "a mark in a queue on $name is there until the queue is lost, and counts as no work",
  async ({ redisUrl }) => {
    const database = await createTestDatabase();
    const redis = redisUrl ? { url: redisUrl } : undefined;
    const options = { databaseUrl: database.url, redis, namespace: queueNamespace(), onError: () => undefined };
    const connection = connectQueues(options);
    expect(await connection.isMarked("fanout")).toBe(false);
    await connection.mark("fanout");
    await connection.mark("fanout");
    expect(await connection.isMarked("fanout")).toBe(true);
    expect(await connection.isMarked("deliver-fcm")).toBe(false);
    expect(await connection.counts("fanout")).toEqual({ waiting: 0, active: 0 });
    await connection.queue("fanout").obliterate();
    expect(await connection.isMarked("fanout")).toBe(false);
    await connection.close();
    await database.drop();
  },
);
