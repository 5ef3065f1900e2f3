import { brokenIdentity, type Stats } from "@fanfare/domain";
import { patient, someRecipients, until } from "@fanfare/testkit";
import type { RunningStack } from "../support/run-stack.js";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const path = "/v1/PushNotifications";

/** Sends that wait for their time, and sends that are called off. */
export function testScheduleAndCancel(running: () => RunningStack): void {
  let stack: RunningStack;
  beforeAll(() => {
    stack = running();
  });

  /** The processes of an app, or of all but the simulator. */
  const processesOf = (app = "") =>
    [...stack.apps.keys()].filter((name) => name.startsWith(app) && name !== "simulator");
  const acceptedBy = async (operationId: string) => {
    const { sent } = (await stack.api.operation(operationId)).stats;
    const accepted = (await stack.tokens()).filter((token) => token.accepted > 0).length;
    return { sent, accepted };
  };

  test("a scheduled send waits, and starts within a second of its time", async () => {
    const sendAt = new Date(Date.now() + 3_000);
    const to = [{ provider: "FCM", token: "later" }];
    const body = { to, content: { title: "x" }, schedule: { sendAt: sendAt.toISOString() } };
    const { operationId } = await stack.api.send(body);
    const waiting = await stack.api.operation(operationId);
    expect(waiting).toMatchObject({ status: "SCHEDULED", scheduledFor: sendAt.toISOString(), completedAt: null });
    expect(waiting.stats).toMatchObject({ total: 1, scheduled: 1, queued: 0 });
    expect((await stack.api.notifications(operationId, 1))[0]?.status).toBe("SCHEDULED");
    await sleep(1_500);
    expect(await stack.received("later")).toEqual([]);
    await stack.completed(operationId);
    const [request] = await stack.received("later");
    const lateMs = Date.parse(request?.at ?? "") - sendAt.getTime();
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(patient(1_000));
  });

  test("every process is killed and started again before its time: it starts within a second of it", async () => {
    const apps = processesOf();
    const starts = (app: string) =>
      stack.log.filter((line) => line.startsWith(`${app} {`) && line.includes('"msg":"Ready"')).length;
    const before = apps.map(starts);
    const sendAt = new Date(Date.now() + 8_000);
    const body = { to: [{ provider: "APN", token: "after-a-restart" }], content: { title: "x" } };
    const { operationId } = await stack.api.send({ ...body, schedule: { sendAt: sendAt.toISOString() } });
    stack.signal("SIGKILL", ...apps);
    await until(async () => apps.every((app, index) => starts(app) > (before[index] ?? 0)));
    const startedAgainAt = Date.now();
    await stack.completed(operationId);
    const [request] = await stack.received("after-a-restart");
    const sentAt = Date.parse(request?.at ?? "");
    expect(sentAt).toBeGreaterThanOrEqual(sendAt.getTime());
    // A machine that is busy may need longer than that to start them.
    expect(sentAt - Math.max(sendAt.getTime(), startedAgainAt)).toBeLessThanOrEqual(patient(1_000));
  });

  test("its time passes while the fan-out worker is down: it starts as soon as one is there again", async () => {
    const sendAt = new Date(Date.now() + 1_500);
    const body = { to: [{ provider: "APN", token: "restarted" }], content: { title: "x" } };
    const { operationId } = await stack.api.send({ ...body, schedule: { sendAt: sendAt.toISOString() } });
    stack.signal("SIGKILL", ...processesOf("fanout-worker"));
    const stats = await stack.completed(operationId);
    expect(stats).toMatchObject({ sent: 1, attempts: 1 });
  });

  test("a scheduled send is canceled before its time: nothing is ever sent", async () => {
    const body = { to: someRecipients(1_500), content: { title: "x" } };
    const schedule = { sendAt: new Date(Date.now() + 2_000).toISOString() };
    const { operationId } = await stack.api.send({ ...body, schedule });
    const answer = await stack.call("POST", `${path}/Operations/${operationId}/Cancel`);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id: operationId, status: "CANCELED" });
    expect(answer.body.stats).toMatchObject({ total: 1_500, canceled: 1_500, scheduled: 0, attempts: 0 });
    await sleep(3_000);
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
    await sleep(1_000);
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
    stack.signal("SIGSTOP", ...processesOf("fanout-worker"), ...processesOf("fcm-worker"));
    const to = [{ provider: "FCM", token: "too-late" }];
    const { operationId } = await stack.api.send({ to, content: { title: "x" }, ttl: 1 });
    await sleep(1_500);
    stack.signal("SIGCONT", ...processesOf("fanout-worker"), ...processesOf("fcm-worker"));
    expect(await stack.completed(operationId)).toMatchObject({ undelivered: 1, attempts: 0 });
    expect(await stack.received("too-late")).toEqual([]);
  });
}
