import { mintOperationId, notificationUuid, pushMessageSchema, ulidOf } from "@fanfare/domain";
import { prepareApnsRequest } from "./apns-request.js";

const id = mintOperationId();
const createdAt = new Date("2026-01-01T00:00:00.700Z");

function build(fields: object = {}, line = { ordinal: 3, token: "abc" }) {
  const message = pushMessageSchema.parse({ content: { title: "T" }, ...fields });
  const prepared = prepareApnsRequest({ id, message, createdAt }, "com.example.app");
  const { request, apnsId } = prepared.build(line, "bearer x");
  return { ...request, apnsId, payload: JSON.parse(prepared.payload.toString()) as Record<string, unknown> };
}

test("an alert has Apple's headers, with the notification's own id and collapse id", () => {
  const { headers, path, apnsId } = build();
  expect(path).toBe("/3/device/abc");
  expect(apnsId).toBe(notificationUuid(id, 3));
  expect(headers).toEqual({
    authorization: "bearer x",
    "content-type": "application/json",
    "apns-topic": "com.example.app",
    "apns-push-type": "alert",
    "apns-priority": "10",
    "apns-expiration": String(Date.parse("2026-01-01T00:00:00Z") / 1_000 + 2_419_200),
    "apns-id": apnsId,
    "apns-collapse-id": ulidOf(apnsId),
  });
});

test("a token is whatever it is: it can not change the path", () => {
  expect(build({}, { ordinal: 1, token: "a/../b?c#d é" }).path).toBe("/3/device/a%2F..%2Fb%3Fc%23d%20%C3%A9");
});

test.each([
  ["priority LOW is 5", { priority: "LOW" }, { "apns-priority": "5" }],
  ["ttl 0 is one attempt", { ttl: 0 }, { "apns-expiration": "0" }],
  ["the sender's collapse key is used", { collapseKey: "k" }, { "apns-collapse-id": "k" }],
  [
    "data alone is a background push of priority 5",
    { content: { data: { a: "1" } } },
    { "apns-push-type": "background", "apns-priority": "5" },
  ],
])("%s", (_title, fields, headers) => {
  expect(build(fields).headers).toMatchObject(headers);
});

test.each([
  [
    "title, subtitle and body",
    { content: { title: "T", subtitle: "S", body: "B" } },
    { aps: { alert: { title: "T", subtitle: "S", body: "B" } } },
  ],
  ["a body alone", { content: { body: "B" } }, { aps: { alert: { body: "B" } } }],
  [
    "sound, badge, thread",
    { sound: "ring", badge: 0, threadId: "t" },
    { aps: { alert: { title: "T" }, sound: "ring", badge: 0, "thread-id": "t" } },
  ],
  ["category", { content: { title: "T", category: "C" } }, { aps: { alert: { title: "T" }, category: "C" } }],
  [
    "data beside aps",
    { content: { title: "T", data: { gate: "A1" } } },
    { aps: { alert: { title: "T" } }, gate: "A1" },
  ],
  [
    "images for the app's extension",
    { content: { title: "T", images: ["https://x/y.png"] } },
    { aps: { alert: { title: "T" }, "mutable-content": 1 }, images: ["https://x/y.png"] },
  ],
  [
    "click action",
    { content: { title: "T", clickAction: "OPEN" } },
    { aps: { alert: { title: "T" } }, clickAction: "OPEN" },
  ],
  ["data alone", { content: { data: { a: "1" } } }, { aps: { "content-available": 1 }, a: "1" }],
])("the payload of %s", (_what, fields, payload) => {
  expect(build(fields).payload).toEqual(payload);
});
