import { parseId } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { Redis } from "ioredis";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachReached, tokensOf } from "../support/sends-in-flight.js";

const COUNT = 2_000;
const OTHERS = 50;
const WORKERS = ["fcm-worker-1", "fcm-worker-2"];

/** A queue that is lost whole: its server's disk is gone, or somebody emptied it. */
export function testLostQueue(running: () => RunningStack): void {
  // Work that comes in meanwhile keeps the queue from ever looking empty.
  test("a queue that is lost whole is rebuilt from Postgres while other sends go on: each token is reached exactly once", async () => {
    const stack = running();
    stack.signal("SIGSTOP", ...WORKERS);
    const to = fcm("lost", COUNT);
    const { operationId } = await stack.api.send({ to, content: { title: "lost" } });
    const mine = { operationId: parseId("operation", operationId) as string };
    await until(async (see) => {
      const { _sum } = await stack.db.deliveryBatch.aggregate({
        where: mine,
        _sum: { recipients: true },
      });
      return see(_sum.recipients) === COUNT;
    });
    // The dispatcher enqueues it all once more, and would not again for a minute.
    await stack.db.deliveryBatch.updateMany({ where: mine, data: { enqueueAt: new Date() } });
    const soon = () => ({ ...mine, enqueueAt: { lt: new Date(Date.now() + 30_000) } });
    await until(async (see) => see(await stack.db.deliveryBatch.count({ where: soon() })) === 0);

    await loseQueue(stack);
    stack.signal("SIGCONT", ...WORKERS);
    const small: string[] = [];
    for (const address of fcm("other", OTHERS)) {
      small.push((await stack.api.send({ to: [address], content: { title: "x" } })).operationId);
    }
    await expectEachReached(stack, { name: "lost", operationId, count: COUNT });
    for (const id of small) expect(await stack.completed(id)).toMatchObject({ total: 1, sent: 1 });
    expect(await tokensOf(stack, "other")).toHaveLength(OTHERS);
  });

  test("nothing of it is left without an end", async () => {
    const { db } = running();
    await until(async (see) => see(await db.deliveryBatch.count({ where: { canceled: false } })) === 0);
    expect(await db.recipientBatch.count({ where: { canceled: false } })).toBe(0);
    expect(await db.operation.count({ where: { completedAt: null } })).toBe(0);
  });
}

const fcm = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ provider: "FCM", token: `${name}-${index}` }));

async function loseQueue({ db, redisUrl }: RunningStack): Promise<void> {
  if (redisUrl) {
    const redis = new Redis(redisUrl);
    await redis.flushdb();
    redis.disconnect();
    return;
  }
  const tables = await db.$queryRaw<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname = 'bullmq' and tablename not in ('migration', 'meta')`;
  await db.$executeRawUnsafe(`truncate ${tables.map(({ name }) => name).join(", ")}`);
}
