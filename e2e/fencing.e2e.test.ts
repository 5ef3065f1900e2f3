import { fileURLToPath } from "node:url";
import { until } from "@fanfare/testkit";
import { restart } from "./support/restart.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

const preload = fileURLToPath(new URL("support/block-on-signal.mjs", import.meta.url));
const LEASE_MS = 3_000;
const RECIPIENTS = 5_000;

/** Ways to take a worker out for longer than its lease without its death, and how it comes back. */
const PAUSES = [
  { name: "stopped (SIGSTOP)", pause: "SIGSTOP", wake: "SIGCONT" },
  { name: "whose event loop is blocked", pause: "SIGUSR2", wake: undefined },
] as const;

// Its work is taken over while it is away. When it wakes, it has answers to record and lines left to send.
describe.each(PAUSES)("a worker $name past its lease", ({ pause, wake, name }) => {
  let stack: RunningStack;
  beforeAll(async () => {
    const env = { LEASE_MS: String(LEASE_MS), BLOCK_MS: "12000", NODE_OPTIONS: `--import=${preload}` };
    stack = await runStack({ workers: 2, env: { ...env, SIMULATOR_LATENCY_MS: "200" } });
  });
  afterAll(() => stack?.close());

  test("records nothing when it wakes and sends no more; what reaches a device twice was in flight, and is announced", async () => {
    const to = Array.from({ length: RECIPIENTS }, (_, index) => ({ provider: "FCM", token: `fenced-${index}` }));
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    const victim = await until(async () => {
      if ((await stack.api.operation(operationId)).stats.attempts === 0) return undefined;
      const held = await stack.db.deliveryBatch.findFirst({ where: { leasedBy: { not: null } } });
      return [...stack.apps].find(([, { pid }]) => held?.leasedBy?.endsWith(`:${pid}`));
    });
    const [victimName, { pid }] = victim;
    process.kill(pid as number, pause);
    const inFlight = RECIPIENTS - (await stack.api.operation(operationId)).stats.attempts;
    const sentBefore = await callCount(stack);
    expect(await stack.completed(operationId)).toMatchObject({ total: RECIPIENTS, sent: RECIPIENTS });
    const completedCalls = await callCount(stack);

    if (wake) process.kill(pid as number, wake);
    else await until(() => stack.log.some((line) => line.startsWith(`${victimName} unblocked`)));
    // It ends cleanly: whatever it had to record or to send, it has tried by then.
    await restart(stack, victimName);
    const calls = await callCount(stack);
    // What its kernel had buffered for the wire still arrives: part of what was in flight.
    expect(calls - completedCalls).toBeLessThanOrEqual(inFlight);

    const stats = await stack.completed(operationId);
    expect(stats).toMatchObject({ sent: RECIPIENTS, queued: 0 });
    const tokens = await stack.tokens();
    expect(tokens).toHaveLength(RECIPIENTS);
    const repeated = tokens.filter((token) => token.calls > 1);
    const announced = await stack.db.attempt.count({ where: { mayRepeat: true } });
    process.stdout.write(
      `${name}: ${sentBefore} calls before, ${repeated.length} devices twice, ${calls - completedCalls} calls after it woke\n`,
    );
    expect(repeated.length).toBeLessThanOrEqual(announced);
    // Attempts on record are those of valid leases only: one of each token.
    expect(stats.attempts).toBe(RECIPIENTS);
    for (const { calls: of } of repeated) expect(of).toBe(2);
  }, 120_000);
});

async function callCount(stack: RunningStack): Promise<number> {
  return (await stack.tokens()).reduce((sum, { calls }) => sum + calls, 0);
}
