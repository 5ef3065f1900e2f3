import { setTimeout } from "node:timers/promises";
import { brokenIdentity, type Stats } from "@fanfare/domain";
import { someRecipients, until } from "@fanfare/testkit";
import { processesOf } from "../support/processes-of.js";
import type { RunningStack } from "../support/run-stack.js";

const path = "/v1/PushNotifications";

/** Sends that are called off, by their sender or by their time to live. */
export function testCancel(running: () => RunningStack): void {
  let stack: RunningStack;
  beforeAll(() => {
    stack = running();
  });

  const acceptedBy = async (operationId: string) => {
    const { sent } = (await stack.api.operation(operationId)).stats;
    const accepted = (await stack.tokens()).filter((token) => token.accepted > 0).length;
    return { sent, accepted };
  };

  test("a scheduled send is canceled before its time: nothing is ever sent", async () => {
    const body = { to: someRecipients(1_500), content: { title: "x" } };
    const schedule = { sendAt: new Date(Date.now() + 2_000).toISOString() };
    const { operationId } = await stack.api.send({ ...body, schedule });
    const answer = await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id: operationId, status: "CANCELED" });
    expect(answer.body.stats).toMatchObject({ total: 1_500, canceled: 1_500, scheduled: 0, attempts: 0 });
    await setTimeout(3_000);
    expect(await stack.tokens()).toEqual([]);
    const page = await stack.api.notifications(operationId, 1_000);
    expect(new Set(page.map(({ status }) => status))).toEqual(new Set(["CANCELED"]));
    const again = await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    expect([again.status, again.body.code]).toEqual([409, "already-finished"]);
  });

  test("canceled in the middle: what was accepted stays SENT, the rest is CANCELED, and the counters agree at every poll", async () => {
    // FCM's connections take 1,600 at once: while those are answered, the others wait.
    const to = Array.from({ length: 5_000 }, (_, index) => ({
      provider: "FCM",
      token: `${index < 2_000 ? "" : "slow-5000-"}cancel-${index}`,
    }));
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    let seen: Stats[] = [];
    const poll = async () => {
      const { stats, status } = await stack.api.operation(operationId);
      expect(brokenIdentity(stats)).toBeUndefined();
      seen = [...seen, stats];
      return { stats, status };
    };
    await until(async (see) => see((await poll()).stats.sent) > 500, { intervalMs: 10 });
    const canceled = await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    expect(canceled.status).toBe(202);
    await until(async (see) => see(await poll()).status === "CANCELED", { intervalMs: 10 });
    await setTimeout(1_000);
    const { stats } = await poll();
    expect(stats.sent + stats.canceled).toBe(5_000);
    expect(stats.canceled).toBeGreaterThan(0);
    expect(seen.every(({ sent }, index) => index === 0 || sent >= (seen[index - 1]?.sent ?? 0))).toBe(true);
    const { sent, accepted } = await acceptedBy(operationId);
    expect(accepted).toBe(sent);
    expect(await statusesOf(operationId)).toEqual({ SENT: stats.sent, CANCELED: stats.canceled });
  });

  async function statusesOf(operationId: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const status of ["SENT", "CANCELED", "QUEUED", "FAILED"]) {
      let next: string | null = `${path}?operationId=${operationId}&status=${status}&pageSize=1000`;
      let sum = 0;
      while (next) {
        const { body }: { body: { notifications: object[]; pagination: { next: string | null } } } = await stack.call(
          "GET",
          next,
        );
        sum += body.notifications.length;
        next = body.pagination.next?.slice(stack.url.length) ?? null;
      }
      if (sum > 0) counts[status] = sum;
    }
    return counts;
  }

  test("what waits for a retry is canceled too", async () => {
    const to = ["retryafter-60-a", "retryafter-60-b"].map((token) => ({ provider: "FCM", token }));
    const { operationId } = await stack.api.send({ to, content: { title: "x" } });
    await until(async () => (await stack.api.operation(operationId)).stats.attempts === 2);
    await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    await until(async () => (await stack.api.operation(operationId)).status === "CANCELED", { quietMs: 5_000 });
    const { stats } = await stack.api.operation(operationId);
    expect(stats).toMatchObject({ canceled: 2, queued: 0, attempts: 2 });
  });

  test("a recipient with several addresses is canceled as one", async () => {
    const addresses = [
      { provider: "FCM", token: "retryafter-60-c" },
      { provider: "APN", token: "never" },
    ];
    const { operationId } = await stack.api.send({ to: [{ addresses, policy: "first" }], content: { title: "x" } });
    await until(async () => (await stack.api.operation(operationId)).stats.attempts === 1);
    await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    await until(async () => (await stack.api.operation(operationId)).status === "CANCELED", { quietMs: 10_000 });
    expect((await stack.api.operation(operationId)).stats).toMatchObject({ total: 1, canceled: 1, attempts: 1 });
    expect(await stack.received("never")).toEqual([]);
  });

  test("a finished operation and one that does not exist can not be canceled", async () => {
    const { operationId } = await stack.api.send({
      to: [{ provider: "FCM", token: "done" }],
      content: { title: "x" },
    });
    await stack.completed(operationId);
    expect((await stack.call("POST", `${path}/Operations/${operationId}/Cancel`)).status).toBe(409);
    const nobody = "comms_operation_01h2xcejqtf2nbrexx00000000";
    expect((await stack.call("POST", `${path}/Operations/${nobody}/Cancel`)).status).toBe(404);
  });

  test("what waited longer than its TTL is UNDELIVERED, EXPIRED, and no provider is called again", async () => {
    const to = [{ provider: "FCM", token: "retryafter-3-ttl" }];
    const { operationId } = await stack.api.send({ to, content: { title: "x" }, ttl: 1 });
    const stats = await stack.completed(operationId);
    expect(stats).toMatchObject({ undelivered: 1, attempts: 1 });
    const [notification] = await stack.api.notifications(operationId, 1);
    const details = await stack.api.notification(notification?.id ?? "");
    expect(details).toMatchObject({ status: "UNDELIVERED", lastError: { code: "EXPIRED" } });
  });

  test("the TTL runs while no worker is there; with none left a provider is never called", async () => {
    stack.signal("SIGSTOP", ...processesOf(stack, "fanout-worker"), ...processesOf(stack, "fcm-worker"));
    const to = [{ provider: "FCM", token: "too-late" }];
    const { operationId } = await stack.api.send({ to, content: { title: "x" }, ttl: 1 });
    await setTimeout(1_500);
    stack.signal("SIGCONT", ...processesOf(stack, "fanout-worker"), ...processesOf(stack, "fcm-worker"));
    expect(await stack.completed(operationId)).toMatchObject({ undelivered: 1, attempts: 0 });
    expect(await stack.received("too-late")).toEqual([]);
  });
}
