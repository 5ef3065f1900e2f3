import { createApiClient } from "@fanfare/cli";
import { queueBackends, until } from "@fanfare/testkit";
import { anFcmContent, knownToGoogle } from "./support/customers.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

/** Recipients of the account that sends much. FAIRNESS_RECIPIENTS=200000 for a figure. */
const MANY = Number(process.env.FAIRNESS_RECIPIENTS ?? 6_000);

const fcm = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ provider: "FCM" as const, token: `${prefix}-${index}` }));
const content = { title: "x" };

// OptimalBits/bull#1760, parse-server-push-adapter#123: one customer's campaign blocks all others.
describe.each(queueBackends())("two accounts, queues on $name", (backend) => {
  let stack: RunningStack;
  let other: ReturnType<typeof createApiClient>;
  let user: string;

  beforeAll(async () => {
    stack = await runStack({ backend, env: { FCM_RAMP_SECONDS: "0" } });
    const admin = `admin:${stack.credentials.adminPassword}`;
    const { body } = await stack.call("POST", "/v1/Accounts", { name: "Other" }, admin);
    user = `${body.id}:${body.authToken}`;
    other = createApiClient(stack.url, body.id, body.authToken);
    const known = anFcmContent();
    await knownToGoogle(stack, known);
    const credential = { credentialType: "FCM", appName: "default", content: known };
    expect((await stack.call("POST", "/v1/PushNotifications/Credentials", credential, user)).status).toBe(201);
  });
  afterAll(() => stack?.close());

  async function timeOf(api: typeof other, prefix: string, count: number): Promise<number> {
    const begun = performance.now();
    const { operationId } = await api.send({ to: fcm(prefix, count), content });
    await until(async (see) => see(await api.operation(operationId)).status === "COMPLETED", { intervalMs: 5 });
    return performance.now() - begun;
  }

  async function cancelAll(operationIds: string[]): Promise<void> {
    const cancel = (id: string) => stack.call("POST", `/v1/PushNotifications/Operations/${id}/Cancel`);
    for (const operationId of operationIds) expect([202, 409]).toContain((await cancel(operationId)).status);
    for (const operationId of operationIds) {
      await until(async (see) => see(await stack.api.operation(operationId)).completedAt !== null);
    }
  }

  const few: [string, number] = ["a few operations of 3,000", 3_000];
  const many: [string, number] = ["many operations of 1,000", 1_000];
  test.each(backend.name === "postgres" ? [few, many] : [few])(
    "sends of 1 and of 1,000 overtake another account's %s",
    async (name, size) => {
      const kind = `${backend.name}-${size}`;
      await timeOf(other, `warm-${kind}`, 1_000);
      const idle = {
        one: await timeOf(other, `idle1-${kind}`, 1),
        thousand: await timeOf(other, `idle1000-${kind}`, 1_000),
      };
      const large: string[] = [];
      for (let sent = 0; sent < MANY; sent += size) {
        // Answered after two seconds each: what waits does so, however fast or slow the machine is.
        large.push((await stack.api.send({ to: fcm(`slow-2000-${kind}-${sent}`, size), content })).operationId);
      }
      const waiting = async () => {
        const { _sum } = await stack.db.operation.aggregate({ _sum: { queued: true } });
        return _sum.queued ?? 0;
      };
      const before = await waiting();
      const busy = {
        one: await timeOf(other, `busy1-${kind}`, 1),
        thousand: await timeOf(other, `busy1000-${kind}`, 1_000),
      };
      const after = await waiting();
      const own = await timeOf(stack.api, `own-${kind}`, 1);
      const times = (of: typeof idle) => `1: ${of.one.toFixed(0)} ms, 1,000: ${of.thousand.toFixed(0)} ms`;
      process.stdout.write(
        `${backend.name}, beside ${name}: idle ${times(idle)}; with ${before} waiting ${times(busy)}; own 1: ${own.toFixed(0)} ms\n`,
      );
      // They were through while most of the other account's still waited.
      expect(before).toBeGreaterThan(1_000);
      expect(after).toBeGreaterThan(before / 2);
      await cancelAll(large);
    },
  );

  test("a credential whose provider does not answer holds up neither workers nor other credentials", async () => {
    // Of a credential that was never tried one call goes out at a time.
    await timeOf(stack.api, `proven-${backend.name}`, 10);
    // From here on its calls take their time-out of 14 s each.
    const stalled = await Promise.all(
      Array.from({ length: 8 }, (_, index) => stack.api.send({ to: fcm(`silent-${index}`, 500), content })),
    );
    await until(async () => (await stack.tokens()).filter(({ token }) => token.startsWith("silent-")).length > 500);
    const ms = await timeOf(other, `beside-${backend.name}`, 2_000);
    process.stdout.write(`${backend.name}: 2,000 beside a stalled credential: ${ms.toFixed(0)} ms\n`);
    const { status, stats } = await stack.api.operation(stalled[0]?.operationId ?? "");
    expect([status, stats.sent]).toEqual(["PROCESSING", 0]);
    await cancelAll(stalled.map(({ operationId }) => operationId));
  });
});
