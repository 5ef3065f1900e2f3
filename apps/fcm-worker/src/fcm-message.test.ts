import { mintOperationId, notificationUuid, type PushMessage, pushMessageSchema, ulidOf } from "@fanfare/domain";
import { buildRequestBody, prepareFcmMessage } from "./fcm-message.js";

const id = mintOperationId();
const createdAt = new Date("2026-01-01T00:00:00Z");
const aMessage = (fields: object = {}): PushMessage => pushMessageSchema.parse({ content: { title: "T" }, ...fields });

function build(message: PushMessage, token = "abc", now = createdAt) {
  const prepared = prepareFcmMessage({ id, message, createdAt });
  return JSON.parse(prepared.build({ ordinal: 3, token }, now).toString()) as { message: Record<string, unknown> };
}

test.each([
  aMessage(),
  aMessage({
    content: { title: 'q"uote', body: "back\\slash $1 $& 日本", data: { a: "\\u0000token", b: "" } },
    sound: "ring",
    badge: 2,
    channelId: "c",
    priority: "LOW",
  }),
  aMessage({ content: { data: { only: "data" } }, collapseKey: "k" }),
])("the spliced body equals the plain one, whatever stands in it", (message) => {
  for (const token of ["abc", 'we"ird\\token', "$&", "日本"]) {
    const tag = message.collapseKey ?? ulidOf(notificationUuid(id, 3));
    expect(build(message, token)).toEqual(buildRequestBody(message, { token, tag, ttl: "2419200s" }));
  }
});

test("the time that it waited is taken off its TTL, and never more than all of it", () => {
  const ttlAfter = (seconds: number) =>
    (
      build(aMessage({ ttl: 60 }), "t", new Date(createdAt.getTime() + seconds * 1_000)).message.android as {
        ttl: string;
      }
    ).ttl;
  expect([0, 10.9, 60, 100].map(ttlAfter)).toEqual(["60s", "50s", "0s", "0s"]);
});

test("a subtitle, which Android has not, stands above the body", () => {
  expect(build(aMessage({ content: { title: "T", subtitle: "S", body: "B" } })).message.notification).toEqual({
    title: "T",
    body: "S\nB",
  });
});

test("keys and values of notification and data count as payload, in bytes", () => {
  const { payloadBytes } = prepareFcmMessage({
    id,
    createdAt,
    message: aMessage({ content: { title: "é", data: { key: "value" } } }),
  });
  expect(payloadBytes).toBe("title".length + 2 + "key".length + "value".length);
});
