import { someRecipients, until } from "@fanfare/testkit";
import { endProcesses } from "../support/end-processes.js";
import { lockTable } from "../support/lock-table.js";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachReached, recipientsInFlight, sendInFlight } from "../support/sends-in-flight.js";

/** What is killed at once: all processes of a kind, so that nobody is left who knows what they were at. */
export const VICTIMS = {
  api: ["api"],
  "fan-out workers": ["fanout-worker-1", "fanout-worker-2"],
  "FCM workers": ["fcm-worker-1", "fcm-worker-2"],
  "APNs workers": ["apns-worker-1", "apns-worker-2"],
  simulator: ["simulator"],
  Postgres: ["postgres"],
};

const COUNT = 2_000;

/** kill -9 in the middle of sends. */
export function testKills(running: () => RunningStack, victims: (keyof typeof VICTIMS)[]): void {
  test.each(victims)(
    "kill -9 of the %s: every recipient is reached, whoever is reached twice is announced",
    async (kind) => {
      const stack = running();
      const name = `kill-${VICTIMS[kind][0]}`;
      const operationId = await killMidway(stack, name, kind);
      // The API is started again on the same port, and answers 503 while its database recovers.
      await until(async (see) => see((await fetch(`${stack.url}/readyz`)).status) === 200);
      const repeated = await expectEachReached(stack, { name, operationId, count: COUNT });
      process.stdout.write(`kill -9 of the ${kind}: ${repeated} devices got it twice\n`);
    },
  );
}

/** What a vanished peer does to those that wait for it: no matter of the queue. */
export function testCrowdedKill(running: () => RunningStack): void {
  test("kill -9 of the simulator while 3,000 pushes wait for it: the same workers go on, and all are reached", async () => {
    const stack = running();
    const name = "kill-crowded";
    const workers = [...VICTIMS["FCM workers"], ...VICTIMS["APNs workers"]];
    const pids = () => workers.map((worker) => stack.apps.get(worker)?.pid);
    const before = pids();
    // Whatever ran before: there are connections, and they are lost.
    const first = await stack.api.send({ to: someRecipients(1_000), content: { title: "x" } });
    await stack.completed(first.operationId);
    stack.signal("SIGSTOP", "simulator");
    const to = someRecipients(4_000).map(({ provider, token }) => ({ provider, token: `${name}-${token}` }));
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    await until(async (see) => {
      const { _sum } = await stack.db.deliveryBatch.aggregate({
        where: { leasedBy: { not: null } },
        _sum: { recipients: true },
      });
      return Number(see(_sum.recipients)) >= 3_000;
    });
    stack.signal("SIGKILL", "simulator");
    await expectEachReached(stack, { name, operationId, count: 4_000 });
    expect(pids()).toEqual(before);
  });
}

/** Each is killed while it has its part of the send in hand: pushes in flight, or recipients to fan out. */
async function killMidway(stack: RunningStack, name: string, kind: keyof typeof VICTIMS): Promise<string> {
  const to = recipientsInFlight(name, COUNT);
  const kill = () => endProcesses(stack, "SIGKILL", ...VICTIMS[kind]);
  if (kind === "fan-out workers") {
    // They can not put down what they have fanned out.
    const release = await lockTable(stack.db, "delivery_batches");
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    await until(() => stack.db.recipientBatch.findFirst({ where: { heldUntil: { not: null } } }));
    await kill();
    await release();
    return operationId;
  }
  const operationId =
    kind === "api"
      ? (await stack.api.send({ to, content: { title: "x" } })).operationId
      : await sendInFlight(stack, name, to);
  await kill();
  return operationId;
}
