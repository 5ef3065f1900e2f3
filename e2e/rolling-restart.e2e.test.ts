import { queueBackends, someRecipients } from "@fanfare/testkit";
import { restart } from "./support/restart.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

const ROUNDS = 3;
const PER_SEND = 5_000;
const WORKERS = ["fanout-worker", "fcm-worker", "apns-worker"];

// A deployment, again and again: no worker that runs at the end ran at the beginning. (gorush#441, #459, #850)
describe.each(queueBackends())("rolling restarts of all workers during sends, queues on $name", (backend) => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await runStack({ backend, workers: 2, env: { SIMULATOR_LATENCY_MS: "100" } });
  });
  afterAll(() => stack?.close());

  test("every worker ends with 0, nothing is lost, and each token is reached exactly once", async () => {
    const operations: string[] = [];
    let rolling = true;
    const sends = (async () => {
      while (rolling) {
        const to = someRecipients(PER_SEND).map(({ provider, token }) => ({
          provider,
          token: `roll${operations.length}-${token}`,
        }));
        const { operationId } = await stack.api.send({ to, content: { title: "x" } });
        operations.push(operationId);
        // The next one while the rest of this one is in flight.
        await stack.api.operation(operationId);
        while (rolling && (await stack.api.operation(operationId)).stats.queued > PER_SEND / 2);
      }
    })();
    for (let round = 0; round < ROUNDS; round++) {
      for (const number of [1, 2]) await Promise.all(WORKERS.map((app) => restart(stack, `${app}-${number}`)));
    }
    rolling = false;
    await sends;
    let attempts = 0;
    for (const operationId of operations) {
      const stats = await stack.completed(operationId);
      expect(stats).toMatchObject({ total: PER_SEND, sent: PER_SEND });
      attempts += stats.attempts;
    }
    const total = operations.length * PER_SEND;
    expect(total).toBeGreaterThanOrEqual(10_000);
    const tokens = await stack.tokens();
    process.stdout.write(`${backend.name}: ${ROUNDS} rounds of restarts during ${total} pushes\n`);
    expect(tokens).toHaveLength(total);
    expect(tokens.filter(({ calls }) => calls !== 1)).toEqual([]);
    expect(attempts).toBe(total);
    expect(await stack.db.attempt.count({ where: { mayRepeat: true } })).toBe(0);
  }, 240_000);
});
