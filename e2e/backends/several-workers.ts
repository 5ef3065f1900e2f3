import { parseId } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { holderPid } from "../support/holder-pid.js";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachOnce, type NamedSend, recipientsInFlight, tokensOf } from "../support/sends-in-flight.js";

/** Two of each worker, as docker-compose.yml scaled to two has them, by processes. */
export function testSeveralWorkers(running: () => RunningStack): void {
  test("of several operations at once each token is reached exactly once, and both workers of each kind take part", async () => {
    const stack = running();
    const since = stack.log.length;
    const workers = ["fcm-worker-1", "fcm-worker-2", "apns-worker-1", "apns-worker-2"];
    const idle = new Set(workers.map((name) => stack.apps.get(name)?.pid));
    const sends: NamedSend[] = [];
    // Who asks first gets the work: on a busy machine one worker may have had it all before the other one asked.
    for (let round = 0; idle.size > 0; round++) {
      const names = Array.from({ length: 4 }, (_, index) => `beside-${round}-${index}`);
      const sent = await Promise.all(
        names.map(async (name) => {
          const to = recipientsInFlight(name, 1_000);
          return { name, count: to.length, ...(await stack.api.send({ to, content: { title: name } })) };
        }),
      );
      sends.push(...sent);
      await until(async (see) => {
        const held = await stack.db.deliveryBatch.findMany({ where: { leasedBy: { not: null } } });
        for (const { leasedBy } of held) idle.delete(holderPid(leasedBy));
        const operations = await Promise.all(sent.map(({ operationId }) => stack.api.operation(operationId)));
        const ended = see(operations.map(({ stats }) => stats.queued)).every((queued) => queued === 0);
        return idle.size === 0 || ended;
      });
    }
    for (const send of sends) await expectEachOnce(stack, send, since);
  });

  test("a small send completes before a large one that was accepted before it", async () => {
    const stack = running();
    // Of FCM's connections 1,600 are in flight at once, and take their time: the large one waits, however fast the machine is.
    const to = Array.from({ length: 4_000 }, (_, index) => ({ provider: "FCM", token: `slow-1000-large-${index}` }));
    const large = await stack.api.send({ to, content: { title: "large" } });
    const small = await stack.api.send({ to: [{ provider: "FCM", token: "small" }], content: { title: "small" } });
    const completedAt = async (operationId: string) => {
      await stack.completed(operationId);
      const where = { id: parseId("operation", operationId) as string };
      return Number((await stack.db.operation.findUniqueOrThrow({ where })).completedAt);
    };
    expect(await completedAt(small.operationId)).toBeLessThan(await completedAt(large.operationId));
  });

  test("nothing is SENT, and nothing has failed, before its provider has answered", async () => {
    const stack = running();
    const to = [{ provider: "APN" as const, token: "slow-3000-answers-late" }];
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    await until(async (see) => see(await tokensOf(stack, "answers")).length === 1);
    const { status, stats } = await stack.api.operation(operationId);
    expect([status, stats]).toEqual([
      "PROCESSING",
      expect.objectContaining({ queued: 1, sent: 0, failed: 0, attempts: 0 }),
    ]);
    expect(await stack.completed(operationId)).toMatchObject({ queued: 0, sent: 1, attempts: 1 });
  });
}
