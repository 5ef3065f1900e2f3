import { queueBackends, someRecipients, until } from "@fanfare/testkit";
import { Redis } from "ioredis";
import { type RunningStack, runStack } from "./support/run-stack.js";

const recipients = (name: string) =>
  someRecipients(10_000).map(({ provider, token }) => ({ provider, token: `${name}-${token}` }));

describe.each(queueBackends())("interruptions of a send to 10,000, queues on $name", (backend) => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await runStack({ backend, env: { SIMULATOR_LATENCY_MS: "100" } });
  });
  afterAll(() => stack?.close());

  const begun = async (name: string) => {
    const { operationId } = await stack.api.send({ to: recipients(name), content: { title: "x" } });
    await until(async () => (await stack.api.operation(operationId)).stats.attempts > 0);
    return operationId;
  };

  test.each(["fcm-worker", "apns-worker", "fanout-worker"])(
    "SIGTERM of the %s loses nothing and repeats nothing",
    async (victim) => {
      const operationId = await begun(victim);
      process.kill(stack.apps.get(victim)?.pid as number, "SIGTERM");
      await until(() => stack.log.some((line) => line.startsWith(`${victim} died (exit code 0)`)));
      expect(await stack.completed(operationId)).toMatchObject({ total: 10_000, sent: 10_000, attempts: 10_000 });
      const reached = (await stack.tokens()).filter(({ token }) => token.startsWith(`${victim}-`));
      expect(reached).toHaveLength(10_000);
      expect(reached.filter(({ calls }) => calls !== 1)).toEqual([]);
    },
  );

  test("a queue that is lost whole is rebuilt from Postgres, and each token is still reached exactly once", async () => {
    const operationId = await begun("lost");
    if (stack.redisUrl) {
      const redis = new Redis(stack.redisUrl);
      await redis.flushdb();
      redis.disconnect();
    } else {
      await stack.db.$executeRawUnsafe("delete from bullmq.job where state = 'waiting'");
    }
    expect(await stack.completed(operationId)).toMatchObject({ sent: 10_000, attempts: 10_000 });
    const reached = (await stack.tokens()).filter(({ token }) => token.startsWith("lost-"));
    expect(reached).toHaveLength(10_000);
    expect(reached.filter(({ calls }) => calls !== 1)).toEqual([]);
  });

  test("nothing is SENT, and nothing has failed, before its provider has answered", async () => {
    const token = "answers-late";
    await stack.simulate("POST", "/behaviours", {
      provider: "APN",
      token,
      behaviour: { kind: "accept", delayMs: 2_000 },
    });
    const { operationId } = await stack.api.send({ to: [{ provider: "APN", token }], content: { title: "x" } });
    await until(async () => (await stack.tokens()).some((one) => one.token === token && one.calls === 1));
    const { status, stats } = await stack.api.operation(operationId);
    expect([status, stats]).toEqual([
      "PROCESSING",
      expect.objectContaining({ queued: 1, sent: 0, failed: 0, attempts: 0 }),
    ]);
    expect(await stack.completed(operationId)).toMatchObject({ queued: 0, sent: 1, attempts: 1 });
  });
});
