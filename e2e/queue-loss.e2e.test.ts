import { queueBackends, until } from "@fanfare/testkit";
import { Redis } from "ioredis";
import { type RunningStack, runStack } from "./support/run-stack.js";

const RECIPIENTS = 5_000;

describe.each(queueBackends())("a queue on $name that is lost whole", (backend) => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await runStack({ backend, workers: 2, env: { SIMULATOR_LATENCY_MS: "50" } });
  });
  afterAll(() => stack?.close());

  async function loseQueue(): Promise<void> {
    if (stack.redisUrl) {
      const redis = new Redis(stack.redisUrl);
      await redis.flushall();
      redis.disconnect();
      return;
    }
    const tables = await stack.db.$queryRaw<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'bullmq' and tablename not in ('migration', 'meta')`;
    await stack.db.$executeRawUnsafe(`truncate ${tables.map(({ name }) => name).join(", ")}`);
  }

  // Work that comes in meanwhile keeps the queue from ever looking empty.
  test("is rebuilt within seconds while other sends go on, and each token is reached exactly once", async () => {
    const workers = [...stack.apps]
      .filter(([name]) => name.startsWith("fcm-worker"))
      .map(([, { pid }]) => pid as number);
    for (const pid of workers) process.kill(pid, "SIGSTOP");
    const to = Array.from({ length: RECIPIENTS }, (_, index) => ({ provider: "FCM", token: `lost-${index}` }));
    const { operationId } = await stack.api.send({ to, content: { title: "lost" } });
    await until(async () => {
      const { _sum } = await stack.db.deliveryBatch.aggregate({
        where: { provider: "FCM" },
        _sum: { recipients: true },
      });
      return _sum.recipients === RECIPIENTS;
    });
    // Long enough that the dispatcher has enqueued it all once more, and would not again for a minute.
    await until(
      async () =>
        (await stack.db.deliveryBatch.count({ where: { enqueueAt: { lt: new Date(Date.now() + 30_000) } } })) === 0,
    );

    await loseQueue();
    for (const pid of workers) process.kill(pid, "SIGCONT");
    const lostAt = performance.now();
    let count = 0;
    let sending = true;
    const small: string[] = [];
    const others = (async () => {
      while (sending) {
        const one = await stack.api.send({
          to: [{ provider: "FCM", token: `other-${count++}` }],
          content: { title: "x" },
        });
        small.push(one.operationId);
      }
    })();
    await until(async () => (await stack.api.operation(operationId)).stats.attempts > 0);
    const seconds = (performance.now() - lostAt) / 1_000;
    expect(await stack.completed(operationId)).toMatchObject({ sent: RECIPIENTS, attempts: RECIPIENTS });
    sending = false;
    await others;
    for (const id of small) expect(await stack.completed(id)).toMatchObject({ sent: 1, attempts: 1 });
    process.stdout.write(
      `${backend.name}: work on a lost queue went on after ${seconds.toFixed(1)} s, beside ${count} sends\n`,
    );
    const tokens = await stack.tokens();
    expect(tokens).toHaveLength(RECIPIENTS + count);
    expect(tokens.filter(({ calls }) => calls !== 1)).toEqual([]);
  }, 120_000);

  test("nothing of it is left without an end", async () => {
    expect(await stack.db.deliveryBatch.count()).toBe(0);
    expect(await stack.db.recipientBatch.count()).toBe(0);
    expect(await stack.db.operation.count({ where: { completedAt: null } })).toBe(0);
  });
});
