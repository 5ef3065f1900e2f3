import { setTimeout } from "node:timers/promises";
import { connectDb, type Db } from "@fanfare/db";
import { queueBackends, until } from "@fanfare/testkit";
import { type ProxiedStack, runBehindProxies } from "./support/run-behind-proxies.js";
import type { RunningStack } from "./support/run-stack.js";
import { expectEachReached, sendInFlight, tokensOf } from "./support/sends-in-flight.js";
import { untilReady } from "./support/until-ready.js";

const PROCESSES = ["api", "fanout-worker", "fcm-worker", "apns-worker"];
const COUNT = 500;

/** Connections of a worker to Fanfare's database. */
const POOL_SIZE = 5;

/** Longer than a server may be silent, and all is then closed. */
const LOCKED_MS = 13_000;

/** What a worker says that ends with outcomes which only it knows. */
const LOST = /^fcm-worker .*"lost":(\d+),"msg":"\1 outcomes were not recorded"/;

describe.each(queueBackends())("queues on $name", ({ redisUrl }) => {
  let proxied: ProxiedStack;
  let direct: Db;
  let stack: RunningStack;

  beforeAll(async () => {
    const env = { DELIVERY_CONCURRENCY: String(POOL_SIZE + 1), DATABASE_POOL_SIZE: String(POOL_SIZE) };
    proxied = await runBehindProxies(redisUrl, { mortal: ["fcm-worker"], env });
    direct = connectDb(proxied.databaseUrl);
    stack = proxied.stack;
  });
  afterEach(() => proxied.mend());
  afterAll(async () => {
    await direct?.$disconnect();
    await proxied?.close();
  });

  /** Asks all to end; resolves with how each did. */
  async function endAll(): Promise<Record<string, string | undefined>> {
    await untilReady(stack, ...PROCESSES);
    const since = stack.log.length;
    const end = (name: string) =>
      stack.log
        .slice(since)
        .find((line) => line.startsWith(`${name} died (`))
        ?.replace(/^.*\((.*)\).*$/, "$1");
    stack.signal("SIGTERM", ...PROCESSES);
    await until((see) => see(PROCESSES.filter(end)).length === PROCESSES.length, { describe: "The end of all" });
    return Object.fromEntries(PROCESSES.map((name) => [name, end(name)]));
  }

  const allClean = Object.fromEntries(PROCESSES.map((name) => [name, "exit code 0"]));

  if (redisUrl) {
    test.each([
      ["Postgres", "stall"],
      ["Redis", "cut"],
    ] as const)("with nothing in hand each process ends with 0 though %s is away (%s)", async (server, kind) => {
      // A consumer that loses its queue while it begins ends its process: all have begun once they have done something.
      const to = [
        { provider: "FCM" as const, token: `idle-${server}` },
        { provider: "APN" as const, token: `idle-${server}` },
      ];
      const { operationId } = await until(() => stack.api.send({ to, content: { title: "idle" } }));
      await stack.completed(operationId);
      (server === "Redis" ? proxied.redis : proxied.postgres).set({ kind });
      expect(await endAll()).toEqual(allClean);
    });
    return;
  }

  test("while Postgres says nothing, who has outcomes in hand ends with 1 and their number, who has none with 0", async () => {
    const to = Array.from({ length: COUNT }, (_, n) => ({ provider: "FCM" as const, token: `slow-1500-stop-${n}` }));
    const operationId = await sendInFlight(stack, "stop", to);
    proxied.postgres.set({ kind: "stall" });
    const accepted = async () => (await tokensOf(stack, "stop")).filter((token) => token.accepted > 0).length;
    await until(async (see) => see(await accepted()) > 0);
    expect(await endAll()).toEqual({ ...allClean, "fcm-worker": "exit code 1" });
    const recorded = await direct.$queryRaw<{ count: number }[]>`select count(*)::int as count from attempts`;
    const lost = stack.log.flatMap((line) => LOST.exec(line)?.[1] ?? []).map(Number);
    expect(lost).toEqual([expect.any(Number)]);
    expect(lost[0]).toBeGreaterThan(0);
    expect(lost[0]).toBeGreaterThanOrEqual((await accepted()) - (recorded[0]?.count ?? 0));
    proxied.mend();
    await expectEachReached(stack, { name: "stop", operationId, count: COUNT });
  });

  // Waiting for a table takes each connection of a pool, and what is asked last waits for one.
  test("a Postgres that is slow is not taken for a silent one: what was begun with it comes to its end", async () => {
    stack.signal("SIGSTOP", "fcm-worker");
    const operationIds: string[] = [];
    for (let n = 0; n < 10; n++) {
      const to = [{ provider: "FCM" as const, token: `slowly-${n}` }];
      operationIds.push((await stack.api.send({ to, content: { title: "slowly" } })).operationId);
      await until(async () => (await direct.deliveryBatch.count()) === operationIds.length);
    }
    const died = stack.died("fcm-worker");
    const ended = await direct.$transaction(
      async (tx) => {
        await tx.$executeRaw`lock table delivery_batches in access exclusive mode`;
        stack.signal("SIGCONT", "fcm-worker");
        await until(async (see) => see(await blockedLeases(direct)) === POOL_SIZE);
        const ends = endAll();
        await setTimeout(LOCKED_MS);
        expect(stack.died("fcm-worker")).toBe(died);
        return { ends };
      },
      { timeout: 60_000 },
    );
    expect(await ended.ends).toEqual(allClean);
    for (const operationId of operationIds) {
      expect(await stack.completed(operationId)).toMatchObject({ sent: 1, attempts: 1 });
    }
  });
});

/** Leases that wait for a lock. */
async function blockedLeases(db: Db): Promise<number> {
  const [waiting] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%leased_by%'`;
  return waiting?.count ?? 0;
}
