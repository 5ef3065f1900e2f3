import { freePorts, until } from "@fanfare/testkit";
import { lockTable } from "./support/lock-table.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

let stack: RunningStack;
let health: string;
beforeAll(async () => {
  const { HEALTH_PORT = "" } = await freePorts("HEALTH_PORT");
  health = `http://127.0.0.1:${HEALTH_PORT}`;
  stack = await runStack({
    // Connections enough, so that one is left to ask with when all that waits for a table waits.
    env: { STALLED_AFTER_SECONDS: "5", DELIVERY_CONCURRENCY: "1", DATABASE_POOL_SIZE: "20" },
    appEnv: { "fcm-worker": { HEALTH_PORT } },
  });
});
afterAll(() => stack?.close());

async function ask(path: "/healthz" | "/readyz") {
  const res = await fetch(`${health}${path}`);
  return {
    status: res.status,
    body: (await res.json()) as { checks: Record<string, { ok: boolean; detail?: string }> },
  };
}

test("a worker whose queue has work and that gets nowhere is not healthy and says why; once it gets on it is", async () => {
  expect(await ask("/healthz")).toMatchObject({ status: 200 });
  await stack.simulate("PUT", "/latency", { minMs: 2_000, maxMs: 2_000 });
  // A dozen batches, one after the other: on a busy machine too some are left to wait once the table is locked.
  const to = Array.from({ length: 6_000 }, (_, index) => ({ provider: "FCM", token: `slow-work-${index}` }));
  const { operationId } = await stack.api.send({ to, content: { title: "x" } });
  await until(async () => (await stack.api.operation(operationId)).stats.sent > 0);
  // What the lock keeps from being fanned out waits for no delivery worker.
  await until(async () => (await stack.db.recipientBatch.count()) === 0);

  const unlock = await lockTable(stack.db, "delivery_batches");
  await until(async () => (await ask("/healthz")).status === 503);
  const { body } = await ask("/healthz");
  expect(body.checks.progress?.detail).toMatch(/^\d+ jobs wait and nothing was finished for \d+ s$/);
  const ready = await ask("/readyz");
  expect(ready.status).toBe(503);
  expect(ready.body.checks).toMatchObject({ postgres: { ok: true }, queue: { ok: true }, progress: { ok: false } });

  await unlock();
  await until(async () => (await ask("/healthz")).status === 200);
  await stack.simulate("PUT", "/latency", { minMs: 0, maxMs: 0 });
  expect(await stack.completed(operationId)).toMatchObject({ sent: 6_000 });
});
