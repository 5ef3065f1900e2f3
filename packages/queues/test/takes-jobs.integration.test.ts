import { randomUUID } from "node:crypto";
import { type Consumer, connectQueues, consume, createProducer, type QueueConnection } from "@fanfare/queues";
import {
  createTestDatabase,
  queueBackends,
  queueNamespace,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  until,
} from "@fanfare/testkit";

/** What only the request for a job says: a key of its script, a function of the database. */
const REQUEST_FOR_A_JOB = { redis: ":fanout:limiter", postgres: "move_to_active" };

// What readiness is made of: jobs that wait, none begun, and hands that are free.
describe.each(queueBackends())("whether a consumer takes jobs ($name)", ({ name, redisUrl }) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let connection: QueueConnection;
  let senders: QueueConnection;
  let consumer: Consumer | undefined;
  let finish: () => void = () => undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startTcpProxy();
    const url = proxy.before(redisUrl ?? database.url);
    const options = { namespace: queueNamespace(), onError: () => undefined };
    senders = connectQueues({ ...options, databaseUrl: database.url, redis: redisUrl ? { url: redisUrl } : undefined });
    connection = connectQueues({
      ...options,
      databaseUrl: redisUrl ? database.url : url,
      redis: redisUrl ? { url } : undefined,
    });
  });
  afterEach(async () => {
    proxy.set({ kind: "pass" });
    finish();
    await consumer?.stop();
    await connection.close();
    await senders.close();
    proxy.end();
    await database.drop();
  });

  async function add(count: number) {
    const producer = createProducer(senders, "fanout", { jobsMax: 2_000 });
    // Of both kinds, with a priority and without.
    for (let n = 0; n < count; n++) await producer.add({ batchId: randomUUID(), recipients: 500, depth: 1 + 600 * n });
    await producer.close();
  }

  function aConsumer(concurrency: number): Consumer {
    const busy = new Promise<void>((resolve) => {
      finish = resolve;
    });
    consumer = consume(connection, "fanout", () => busy, {
      concurrency,
      onError: () => undefined,
      onBroken: () => undefined,
    });
    return consumer;
  }

  const seen = async (of: Consumer) => ({
    waiting: await connection.waiting("fanout"),
    begun: of.begun(),
    free: of.free(),
  });

  test("one with all hands full has begun what it could, and none is free", async () => {
    await add(3);
    const one = aConsumer(2);
    await until(async (see) => see(await seen(one)).begun === 2);
    expect(await seen(one)).toEqual({ waiting: 1, begun: 2, free: 0 });
    finish();
    await until((see) => see(one.finished()) === 3);
    expect(await seen(one)).toEqual({ waiting: 0, begun: 3, free: 2 });
  });

  test("one that is not handed any, though all answers whom it asks, shows jobs that wait and free hands, until it is", async () => {
    const one = aConsumer(2);
    await add(1);
    await until((see) => see(one.begun()) === 1);
    proxy.set({ kind: "stall", whoSays: REQUEST_FOR_A_JOB[name] });
    finish();
    await until(async (see) => {
      await add(1);
      return see(await seen(one)).waiting >= 3;
    });
    const { begun, free } = await seen(one);
    expect(free).toBeGreaterThan(0);
    await connection.ping();
    expect(one.begun()).toBe(begun);
    proxy.set({ kind: "pass" });
    await until(async (see) => see(await seen(one)).waiting === 0);
    expect(one.begun()).toBeGreaterThan(begun);
  });

  test("what is in a paused queue waits for its operator and for no consumer, whatever its priority", async () => {
    await add(3);
    expect(await connection.waiting("fanout")).toBe(3);
    await senders.queue("fanout").pause();
    expect(await connection.waiting("fanout")).toBe(0);
    await senders.queue("fanout").resume();
    expect(await connection.waiting("fanout")).toBe(3);
  });
});
