import { pushMessageSchema } from "@fanfare/domain";
import { toApnsConfig, wakeIfSilent } from "./fcm-apns-config.js";

const expiresAt = new Date("2026-01-01T00:00:00.700Z");
const EXPIRATION = "1767225600";

const config = (fields: object) =>
  toApnsConfig(pushMessageSchema.parse({ content: { title: "T", body: "B" }, ...fields }), expiresAt);

test("title, body and data are FCM's to hand on", () => {
  expect(config({ content: { title: "T", body: "B", data: { a: "1" } } })).toBeUndefined();
});

test.each([
  [
    "a subtitle",
    { content: { title: "T", subtitle: "S", body: "B" } },
    { alert: { title: "T", subtitle: "S", body: "B" } },
  ],
  ["a subtitle and a body", { content: { subtitle: "S", body: "B" } }, { alert: { subtitle: "S", body: "B" } }],
  ["a sound", { sound: "ring" }, { sound: "ring" }],
  ["a badge, be it 0", { badge: 0 }, { badge: 0 }],
  ["a thread", { threadId: "t" }, { "thread-id": "t" }],
  ["a category", { content: { title: "T", category: "c" } }, { category: "c" }],
  ["images", { content: { title: "T", images: ["https://x/y.png"] } }, { "mutable-content": 1 }],
  ["what the app may change", { mutableContent: true }, { "mutable-content": 1 }],
])("%s reaches Apple's devices", (_what, fields, aps) => {
  expect(config(fields)).toEqual({ payload: { aps } });
});

test.each([
  ["LOW", { priority: "LOW" }, { "apns-priority": "5" }],
  ["a collapse key", { collapseKey: "k" }, { "apns-collapse-id": "k" }],
  [
    "a collapse key that no header can carry",
    { collapseKey: "日" },
    { "apns-collapse-id": "85217f7aff77841438439fb3e7cf37bb3062fb026453c7692247d3a5641a0115" },
  ],
  ["a TTL", { ttl: 60 }, { "apns-expiration": EXPIRATION }],
  ["a TTL of 0", { ttl: 0 }, { "apns-expiration": "0" }],
])("%s is a header of APNs", (_what, fields, headers) => {
  expect(config(fields)).toEqual({ headers });
});

const android = { priority: "HIGH", ttl: "60s" } as const;
const background = { "apns-push-type": "background", "apns-priority": "5" };

test.each([
  ["data alone", {}],
  ["an image, which no device of Apple's shows without text", { notification: { image: "https://x/y.png" } }],
  ["a thread", { apns: { payload: { aps: { "thread-id": "t" } } } }],
  ["an alert that is taken away", { apns: { payload: { aps: { alert: null } } } }],
])("%s wakes the app in the background", (_what, fields) => {
  const { apns } = wakeIfSilent({ token: "t", android, ...fields });
  expect(apns?.headers).toEqual(background);
  expect(apns?.payload?.aps).toMatchObject({ "content-available": 1 });
});

test.each([
  ["a title", { notification: { title: "" } }],
  ["a body", { notification: { body: "B" } }],
  ["an alert", { apns: { payload: { aps: { alert: "x" } } } }],
  ["a sound", { apns: { payload: { aps: { sound: "ring" } } } }],
  ["a badge", { apns: { payload: { aps: { badge: 0 } } } }],
])("%s is noticed, and wakes no app", (_what, fields) => {
  const message = { token: "t", android, ...fields };
  expect(wakeIfSilent(message)).toBe(message);
});

test("what the sender says of a silent push is left as it is", () => {
  const own = { headers: { "apns-priority": "1", "apns-topic": "x" }, payload: { aps: { "content-available": 0 } } };
  expect(wakeIfSilent({ token: "t", android, apns: own }).apns).toEqual({
    headers: { ...background, ...own.headers },
    payload: own.payload,
  });
});
