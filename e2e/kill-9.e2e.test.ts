import { queueBackends, someRecipients, until } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";

const recipients = (name: string) =>
  someRecipients(10_000).map(({ provider, token }) => ({ provider, token: `${name}-${token}` }));

describe.each(queueBackends())("kill -9 during a send to 10,000, queues on $name", (backend) => {
  let stack: RunningStack;
  beforeAll(async () => {
    // Answers take a while, so that a kill finds pushes in flight; short leases, so that their work is soon taken over.
    stack = await runStack({ backend, ownPostgres: true, env: { SIMULATOR_LATENCY_MS: "100", LEASE_MS: "3000" } });
  });
  afterAll(() => stack?.close());

  test.each(["api", "fanout-worker", "fcm-worker", "apns-worker", "simulator", "postgres"])(
    "of %s: every recipient reaches a terminal status, nothing is lost, and the stats equal the rows",
    async (victim) => {
      const to = recipients(victim);
      const { operationId } = await stack.api.send({ to, content: { title: "x" } });
      const midway = ["fcm-worker", "apns-worker", "simulator", "postgres"].includes(victim);
      if (midway) await until(async () => (await stack.api.operation(operationId)).stats.attempts > 0);
      const pid = victim === "postgres" ? stack.postgres?.pid : stack.apps.get(victim)?.pid;
      process.kill(pid as number, "SIGKILL");
      await until(() => stack.log.some((line) => line.startsWith(`${victim} died`)));

      const url = await reachable(stack);
      expect(url).toBe(true);
      const stats = await completedAgain(stack, operationId);
      expect(stats).toMatchObject({ total: 10_000, recipients: 10_000, sent: 10_000 });
      // A simulator that was killed has forgotten what it received before.
      if (victim === "simulator") return;
      const reached = (await stack.tokens()).filter(({ token }) => token.startsWith(`${victim}-`));
      expect(reached).toHaveLength(10_000);
      expect(reached.filter(({ accepted }) => accepted === 0)).toEqual([]);
      const repeated = reached.filter(({ accepted }) => accepted > 1).length;
      const announced = await stack.db.attempt.count({ where: { mayRepeat: true } });
      expect(repeated).toBeLessThanOrEqual(announced);
      process.stdout.write(`${backend.name}: kill -9 of ${victim}: ${repeated} devices got it twice\n`);
    },
    90_000,
  );
});

// The API is started again on the same port or answers 503 while its database recovers: callers try again.
async function reachable(stack: RunningStack): Promise<boolean> {
  return until(async () => (await fetch(`${stack.url}/readyz`)).status === 200);
}

async function completedAgain(stack: RunningStack, operationId: string) {
  return until(() => stack.completed(operationId));
}
