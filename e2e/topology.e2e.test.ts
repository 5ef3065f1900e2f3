import { parseId } from "@fanfare/domain";
import { queueBackends, someRecipients } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";

// The topology of docker-compose.yml scaled to two of each worker, by processes.
describe.each(queueBackends())("two fan-out, two FCM and two APNs workers, queues on $name", (backend) => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await runStack({ backend, workers: 2 });
  });
  afterAll(() => stack?.close());

  test("of several operations at once each token is reached exactly once, and both workers of each kind take part", async () => {
    const sends = Array.from({ length: 4 }, async (_, index) => {
      const to = someRecipients(3_000).map(({ provider, token }) => ({ provider, token: `op${index}-${token}` }));
      const { operationId } = await stack.api.send({ to, content: { title: `Operation ${index}` } });
      return stack.completed(operationId);
    });
    for (const stats of await Promise.all(sends))
      expect(stats).toMatchObject({ total: 3_000, sent: 3_000, attempts: 3_000 });
    const reached = await stack.tokens();
    expect(reached).toHaveLength(12_000);
    expect(reached.filter(({ calls }) => calls !== 1)).toEqual([]);
    const res = await fetch(`${stack.simulatorUrl}/received?limit=10000`);
    const { requests } = (await res.json()) as { requests: { provider: string; connection: number }[] };
    for (const provider of ["FCM", "APN"]) {
      const connections = new Set(
        requests.filter((request) => request.provider === provider).map(({ connection }) => connection),
      );
      expect(connections.size).toBeGreaterThanOrEqual(2);
    }
  });

  test("a small send completes before a large one that was accepted before it", async () => {
    // What the workers have in flight takes its time, so that the large ones wait, however fast or slow the machine is.
    const slow = { tokenPrefix: "large", behaviour: { kind: "accept", delayMs: 1_000 } };
    await stack.simulate("POST", "/behaviours", slow);
    const large = await Promise.all(
      [1, 2, 3].map((index) =>
        stack.api.send({
          to: someRecipients(10_000).map(({ provider, token }) => ({ provider, token: `large${index}-${token}` })),
          content: { title: "large" },
        }),
      ),
    );
    const small = await stack.api.send({ to: [{ provider: "APN", token: "small" }], content: { title: "small" } });
    const completedAt = async (operationId: string) => {
      await stack.completed(operationId);
      const where = { id: parseId("operation", operationId) as string };
      return Number((await stack.db.operation.findUniqueOrThrow({ where })).completedAt);
    };
    const first = await completedAt(small.operationId);
    const [, , last] = await Promise.all(large.map(({ operationId }) => completedAt(operationId)));
    expect(last).toBeGreaterThan(first);
  });
});
