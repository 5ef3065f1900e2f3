import { until } from "@fanfare/testkit";
import type { RunningStack } from "../support/run-stack.js";

/** Jobs that may wait in a queue of the installation: the least that may be set. */
export const JOBS_MAX = 100;

/** What begins after the first 10,000 recipients may fill half of it, what begins after the first 500 three quarters. */
const LARGE_SENDS_MAX = JOBS_MAX * 0.75;

const WORKERS = ["fcm-worker-1", "fcm-worker-2"];
const SENDS = 12;
const RECIPIENTS = 10_000;

/** Workers of one provider are away, or slower than what comes in, for as long as it may be. */
export function testBoundedQueue(running: () => RunningStack): void {
  test("with its workers away a queue grows to its bound and no further, and a small send is first out when they are back", async () => {
    const stack = running();
    const waiting: number[] = [];
    const look = async () => waiting.push(await jobsOf(stack, "deliver-fcm"));
    stack.signal("SIGSTOP", ...WORKERS);
    const large: string[] = [];
    for (let send = 0; send < SENDS; send++) large.push(await sendTo(stack, `large-${send}`, RECIPIENTS));
    await until(async (see) => {
      await look();
      return see(await stack.db.recipientBatch.count({ where: { canceled: false } })) === 0;
    });
    // What the queue had no room for is due, and stays so: the dispatcher has seen it when a second has gone by.
    const due = () => stack.db.deliveryBatch.count({ where: { enqueueAt: { lt: new Date(Date.now() - 1_000) } } });
    await until(async (see) => {
      await look();
      return see(await due()) > 0;
    });
    expect(Math.max(...waiting)).toBeLessThanOrEqual(LARGE_SENDS_MAX);
    const small = await sendTo(stack, "small", 1);
    await until(async (see) => see(await jobsOf(stack, "deliver-fcm")) > (waiting.at(-1) ?? 0));

    stack.signal("SIGCONT", ...WORKERS);
    await stack.completed(small);
    const operations = await Promise.all(large.map((id) => stack.api.operation(id)));
    const sent = operations.reduce((sum, { stats }) => sum + stats.attempts, 0);
    expect(sent).toBeLessThan((SENDS * RECIPIENTS) / 4);
    for (const id of large) await stack.call("POST", `/v1/PushNotifications/Operations/${id}/Cancel`);
    for (const id of large) await until(async (see) => see((await stack.api.operation(id)).status) !== "PROCESSING");
  });
}

async function sendTo(stack: RunningStack, name: string, count: number): Promise<string> {
  const to = Array.from({ length: count }, (_, index) => ({ provider: "FCM", token: `${name}-${index}` }));
  return (await stack.api.send({ to, content: { title: name } })).operationId;
}

/** As Bull Board shows it. */
async function jobsOf({ call, credentials }: RunningStack, queue: string): Promise<number> {
  const path = "/admin/queues/api/queues?page=1&jobsPerPage=1";
  const { body } = await call("GET", path, undefined, `admin:${credentials.adminPassword}`);
  const { counts } = body.queues.find(({ name }: { name: string }) => name === queue);
  return counts.waiting + counts.prioritized;
}
