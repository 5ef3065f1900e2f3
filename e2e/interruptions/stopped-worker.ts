import { until } from "@fanfare/testkit";
import { holderPid } from "../support/holder-pid.js";
import { restart } from "../support/restart.js";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachReached, tokensOf } from "../support/sends-in-flight.js";

const COUNT = 600;

/** Ways to take a worker out for longer than its lease without its death, and how it comes back. */
const PAUSES = [
  { how: "stopped (SIGSTOP)", pause: "SIGSTOP", wake: "SIGCONT" },
  { how: "whose event loop is blocked", pause: "SIGUSR2", wake: undefined },
] as const;

/** Its work is taken over while it is away. When it wakes, it has answers to record and lines left to send. */
export function testStoppedWorkers(running: () => RunningStack): void {
  test.each(PAUSES)(
    "a worker $how past its lease records nothing when it wakes and sends no more; what reaches a device twice was in flight, and is announced",
    async ({ pause, wake }) => {
      const stack = running();
      const name = `away-${pause}`;
      const to = Array.from({ length: COUNT }, (_, index) => ({
        provider: "FCM",
        token: `slow-5000-${name}-${index}`,
      }));
      const { operationId } = await stack.api.send({ to, content: { title: "x" } });
      // All are in flight: whoever holds a batch waits for answers to it.
      await until(async (see) => see((await tokensOf(stack, name)).length) === COUNT);
      const victim = await holderOf(stack);
      stack.signal(pause, victim);
      await expectEachReached(stack, { name, operationId, count: COUNT });
      const callsWhenCompleted = await callsOf(stack, name);

      if (wake) stack.signal(wake, victim);
      else await until(() => stack.log.some((line) => line.startsWith(`${victim} unblocked`)));
      // It ends cleanly: whatever it had to record or to send, it has tried by then.
      await restart(stack, victim);
      expect(await callsOf(stack, name)).toBe(callsWhenCompleted);
      const repeated = await expectEachReached(stack, { name, operationId, count: COUNT });
      expect(repeated).toBeGreaterThan(0);
      for (const { calls } of await tokensOf(stack, name)) expect(calls).toBeLessThanOrEqual(2);
      // Attempts on record are those of valid leases only: one of each token.
      expect((await stack.api.operation(operationId)).stats.attempts).toBe(COUNT);
    },
  );
}

/** A worker that holds a batch. */
async function holderOf(stack: RunningStack): Promise<string> {
  return until(async (see) => {
    const held = see(await stack.db.deliveryBatch.findFirst({ where: { leasedBy: { not: null } } }));
    const holder = held && holderPid(held.leasedBy);
    return [...stack.apps].find(([, { pid }]) => pid === holder)?.[0];
  });
}

async function callsOf(stack: RunningStack, name: string): Promise<number> {
  return (await tokensOf(stack, name)).reduce((sum, { calls }) => sum + calls, 0);
}
