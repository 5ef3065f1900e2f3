import { endProcesses } from "../support/end-processes.js";
import { restart } from "../support/restart.js";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachOnce, type NamedSend, recipientsInFlight, sendInFlight } from "../support/sends-in-flight.js";

const COUNT = 2_000;
const WORKERS = ["fanout-worker", "fcm-worker", "apns-worker"];

/** Processes that are asked to end in the middle of sends: a machine that is taken away. */
export function testEnds(running: () => RunningStack): void {
  test.each(WORKERS)("SIGTERM of every %s at once loses nothing and repeats nothing", async (kind) => {
    const stack = running();
    const since = stack.log.length;
    const name = `end-${kind}`;
    const workers = [1, 2].map((number) => `${kind}-${number}`);
    const operationId = await sendInFlight(stack, name, recipientsInFlight(name, COUNT));
    await endProcesses(stack, "SIGTERM", ...workers);
    await expectEachOnce(stack, { name, operationId, count: COUNT }, since);
  });
}

/** A deployment. */
export function testRollingRestart(running: () => RunningStack): void {
  // No worker that runs at the end ran at the beginning. (gorush#441, #459, #850)
  test("a rolling restart of all workers during sends: every worker ends with 0, each token is reached exactly once", async () => {
    const stack = running();
    const since = stack.log.length;
    const sends: NamedSend[] = [];
    for (const number of [1, 2]) {
      const name = `roll-${number}`;
      const operationId = await sendInFlight(stack, name, recipientsInFlight(name, COUNT));
      sends.push({ name, operationId, count: COUNT });
      await Promise.all(WORKERS.map((kind) => restart(stack, `${kind}-${number}`)));
    }
    for (const send of sends) await expectEachOnce(stack, send, since);
  });
}
