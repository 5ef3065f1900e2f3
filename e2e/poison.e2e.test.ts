import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { patient, until } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";

const preload = fileURLToPath(new URL("support/die-on-request.mjs", import.meta.url));
const cli = fileURLToPath(new URL("../apps/cli/bin/fanfare.mjs", import.meta.url));

// Each crash costs a lease: short ones here, yet as long as a worker that lives needs to prolong it. What a crash costs is Postgres's to know, whatever the queues are on.
describe("a notification that kills the workers that have it", () => {
  let stack: RunningStack;
  let dir: string;
  const lethal = (worker: string) => join(dir, worker);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "fanfare-lethal-"));
    const mortal = ["fcm-worker", "apns-worker", "fanout-worker"];
    for (const worker of mortal) writeFileSync(lethal(worker), "");
    const env = { LEASE_MS: String(patient(1_500)), NODE_OPTIONS: `--import=${preload}` };
    const appEnv = Object.fromEntries(mortal.map((worker) => [worker, { DIE_WHILE_EXISTS: lethal(worker) }]));
    stack = await runStack({ env, appEnv, mortal });
  });
  afterAll(async () => {
    await stack?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const redrive = async (operationId: string) => {
    const env = { PATH: process.env.PATH, DATABASE_URL: stack.databaseUrl, FANFARE_DATA_DIR: stack.dataDir };
    return promisify(execFile)(process.execPath, [cli, "redrive", operationId], { env });
  };

  const deaths = (worker: string, since: number) =>
    stack.log.slice(since).filter((line) => line.startsWith(`${worker} died (SIGKILL)`)).length;

  /** The one that failed is shown with its code, and, once its cause is gone, is sent by a redrive. */
  async function failsAloneAndIsRedriven(worker: string, operationId: string, recipients: number, token: string) {
    const stats = await stack.completed(operationId);
    const { body } = await stack.call("GET", `/v1/PushNotifications/Operations/${operationId}/Errors`);
    expect(body.errors).toMatchObject([{ code: "WORKER_CRASHED", count: 1 }]);
    expect(stats).toMatchObject({ total: recipients, sent: recipients - 1, failed: 1, queued: 0 });
    const [failed] = body.errors[0].sampleNotificationIds as string[];
    expect(stack.log.some((line) => line.includes("WORKER_CRASHED") && line.includes(operationId))).toBe(true);
    const before = (await stack.received(token)).length;
    expect(before).toBe(0);

    rmSync(lethal(worker));
    expect((await redrive(operationId)).stdout).toBe("1 notifications are put back to be sent.\n");
    expect(await stack.completed(operationId)).toMatchObject({
      total: recipients,
      sent: recipients,
      failed: 0,
    });
    expect(await stack.received(token)).toHaveLength(1);
    const notification = await stack.call("GET", `/v1/PushNotifications/${failed}`);
    expect(notification.body).toMatchObject({ status: "SENT" });
  }

  test("of each provider: it alone fails, after a few crashes, and what went down with it is sent", async () => {
    // Both at once: a crash is mostly waited for.
    await Promise.all([killsDeliverers("FCM", "fcm-worker"), killsDeliverers("APN", "apns-worker")]);
  });

  async function killsDeliverers(provider: string, worker: string) {
    const since = stack.log.length;
    const token = `lethal-${worker}`;
    const tokens = Array.from({ length: 500 }, (_, index) => (index === 321 ? token : `${worker}-${index}`));
    const beside = Array.from({ length: 10 }, (_, index) => `${worker}-beside-${index}`);
    const title = { content: { title: "x" } };
    const large = await stack.api.send({ to: tokens.map((one) => ({ provider, token: one })), ...title });
    const small = await Promise.all(beside.map((one) => stack.api.send({ to: [{ provider, token: one }], ...title })));
    await failsAloneAndIsRedriven(worker, large.operationId, 500, token);
    for (const { operationId } of small) expect(await stack.completed(operationId)).toMatchObject({ sent: 1 });
    const died = deaths(worker, since);
    process.stdout.write(`${worker} died ${died} times for one of 500\n`);
    // Three times with the batch, once with its part of 22, once alone.
    expect(died).toBe(5);
  }

  test("a recipient that kills whoever renders it fails alone, and is rendered anew by a redrive", async () => {
    const since = stack.log.length;
    const to = Array.from({ length: 300 }, (_, index) => ({
      provider: "FCM",
      token: `rendered-${index}`,
      variables: { name: index === 123 ? "lethal-name" : "Ada" },
    }));
    const { operationId } = await stack.api.send({ to, content: { title: "Hello {{ name | upcase }}" } });
    await failsAloneAndIsRedriven("fanout-worker", operationId, 300, "rendered-123");
    expect((await stack.received("rendered-123"))[0]?.payload.notification.title).toBe("Hello LETHAL-NAME");
    const died = deaths("fanout-worker", since);
    process.stdout.write(`fanout-worker died ${died} times for one of 300\n`);
    expect(died).toBe(5);
  });

  test("nothing that has no end is left over when all are through", async () => {
    await until(async () => (await stack.db.deliveryBatch.count()) === 0);
    expect(await stack.db.recipientBatch.count()).toBe(0);
  });
});
