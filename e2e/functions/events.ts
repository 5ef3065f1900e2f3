import { brokenIdentity } from "@fanfare/domain";
import { readEvents, type SeenEvent, someRecipients, until } from "@fanfare/testkit";
import { stack } from "./stack.js";

function follow(operationId: string, headers: Record<string, string> = {}): Promise<Response> {
  const { accountId, authToken } = stack.credentials;
  const authorization = `Basic ${Buffer.from(`${accountId}:${authToken}`).toString("base64")}`;
  return fetch(`${stack.url}/v1/PushNotifications/Operations/${operationId}/Events`, {
    headers: { authorization, ...headers },
  });
}

async function collect(res: Response, onEvent: (event: SeenEvent) => void = () => undefined): Promise<SeenEvent[]> {
  const events: SeenEvent[] = [];
  for await (const event of readEvents(res)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

describe("the events of an operation", () => {
  test("are the operation itself at each change, at most four a second, and end with the terminal one", async () => {
    await stack.simulate("PUT", "/latency", { minMs: 300, maxMs: 600 });
    const begun = performance.now();
    const { operationId } = await stack.api.send({ to: someRecipients(3_000), content: { title: "x" } });
    const res = await follow(operationId);
    expect(res.headers.get("content-type")).toContain("text/event-stream");
    const events = await collect(res);
    const seconds = (performance.now() - begun) / 1_000;
    await stack.simulate("DELETE", "/behaviours");
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["operation"]));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.length).toBeGreaterThan(2);
    expect(events.length).toBeLessThanOrEqual(4 * seconds + 2);
    expect(events.map(({ data }) => brokenIdentity(data.stats))).toEqual(events.map(() => undefined));
    expect(events.at(-1)?.data).toEqual(
      (await stack.call("GET", `/v1/PushNotifications/Operations/${operationId}`)).body,
    );
    expect(events.at(-1)?.data).toMatchObject({ status: "COMPLETED", stats: { sent: 3_000, queued: 0 } });
  });

  test("Last-Event-ID: who comes back is told what changed since, and nothing twice", async () => {
    const { operationId } = await stack.api.send({
      to: [{ provider: "APN", token: "retryafter-2-events" }],
      content: { title: "x" },
    });
    await until(async () => (await stack.api.operation(operationId)).stats.attempts === 1);
    const first = await follow(operationId);
    const [seen] = await firstOf(first);
    expect(seen?.data).toMatchObject({ id: operationId, status: "PROCESSING" });
    const events = await collect(await follow(operationId, { "last-event-id": seen?.id ?? "" }));
    expect(events.map(({ id }) => id)).not.toContain(seen?.id);
    expect(events.at(-1)?.data).toMatchObject({ status: "COMPLETED" });
    const over = await follow(operationId, { "last-event-id": events.at(-1)?.id ?? "" });
    expect(over.status).toBe(204);
    expect(await collect(await follow(operationId))).toHaveLength(1);
  });

  test("a reader is told when the operation is canceled", async () => {
    const { operationId } = await stack.api.send({
      to: [{ provider: "FCM", token: "x" }],
      content: { title: "x" },
      schedule: { sendAt: new Date(Date.now() + 60_000).toISOString() },
    });
    const statuses = await collect(await follow(operationId), ({ data }) => {
      if (data.status === "SCHEDULED") stack.api.cancel(operationId).catch(() => undefined);
    });
    expect(statuses.map(({ data }) => data.status)).toEqual(["SCHEDULED", "CANCELED"]);
  });
});

async function firstOf(res: Response): Promise<SeenEvent[]> {
  for await (const event of readEvents(res)) return [event];
  return [];
}
