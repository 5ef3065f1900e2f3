import { setTimeout } from "node:timers/promises";
import { patient, until } from "@fanfare/testkit";
import { processesOf } from "../support/processes-of.js";
import type { RunningStack } from "../support/run-stack.js";

/** Sends that wait for their time. */
export function testSchedule(running: () => RunningStack): void {
  test("a scheduled send waits, and starts within a second of its time", async () => {
    const stack = running();
    const sendAt = new Date(Date.now() + 3_000);
    const to = [{ provider: "FCM", token: "later" }];
    const body = { to, content: { title: "x" }, schedule: { sendAt: sendAt.toISOString() } };
    const { operationId } = await stack.api.send(body);
    const waiting = await stack.api.operation(operationId);
    expect(waiting).toMatchObject({ status: "SCHEDULED", scheduledFor: sendAt.toISOString(), completedAt: null });
    expect(waiting.stats).toMatchObject({ total: 1, scheduled: 1, queued: 0 });
    expect((await stack.api.notifications(operationId, 1))[0]?.status).toBe("SCHEDULED");
    await setTimeout(1_500);
    expect(await stack.received("later")).toEqual([]);
    await stack.completed(operationId);
    const lateMs = (await receivedAt(stack, "later")) - sendAt.getTime();
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(patient(1_000));
  });
}

/** The same across deaths. */
export function testScheduleAcrossDeaths(running: () => RunningStack): void {
  test("its time passes while the fan-out worker is down: it starts as soon as one is there again", async () => {
    const stack = running();
    const sendAt = new Date(Date.now() + 1_500);
    const body = { to: [{ provider: "APN", token: "restarted" }], content: { title: "x" } };
    const { operationId } = await stack.api.send({ ...body, schedule: { sendAt: sendAt.toISOString() } });
    stack.signal("SIGKILL", ...processesOf(stack, "fanout-worker"));
    const stats = await stack.completed(operationId);
    expect(stats).toMatchObject({ sent: 1, attempts: 1 });
  });

  test("every process is killed and started again before its time: it starts within a second of it", async () => {
    const stack = running();
    const apps = processesOf(stack);
    const starts = (app: string) =>
      stack.log.filter((line) => line.startsWith(`${app} {`) && line.includes('"msg":"Ready"')).length;
    const before = apps.map(starts);
    const sendAt = new Date(Date.now() + 8_000);
    const body = { to: [{ provider: "APN", token: "after-a-restart" }], content: { title: "x" } };
    const { operationId } = await stack.api.send({ ...body, schedule: { sendAt: sendAt.toISOString() } });
    stack.signal("SIGKILL", ...apps);
    await until(async () => apps.every((app, index) => starts(app) > (before[index] ?? 0)));
    const startedAgainAt = Date.now();
    // Processes that have just started on a busy machine take their time for any send: for this one no more than a second longer.
    const any = await stack.api.send({ to: [{ provider: "APN", token: "sent-meanwhile" }], content: { title: "x" } });
    await stack.completed(any.operationId);
    await stack.completed(operationId);
    const sentAt = await receivedAt(stack, "after-a-restart");
    expect(sentAt).toBeGreaterThanOrEqual(sendAt.getTime());
    const anyTookMs = (await receivedAt(stack, "sent-meanwhile")) - startedAgainAt;
    const lateMs = sentAt - Math.max(sendAt.getTime(), startedAgainAt);
    expect(lateMs - anyTookMs).toBeLessThanOrEqual(patient(1_000));
  });
}

/** When the provider got what was sent to a token, as a Unix time in milliseconds. */
async function receivedAt(stack: RunningStack, token: string): Promise<number> {
  const [request] = await stack.received(token);
  return Date.parse(request?.at ?? "");
}
