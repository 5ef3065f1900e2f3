import {
  type DeliveryLine,
  mintOperationId,
  notificationUuid,
  type PushMessage,
  pushMessageSchema,
  ulidOf,
} from "@fanfare/domain";
import { buildRequestBody, prepareFcmMessage } from "./fcm-message.js";

const id = mintOperationId();
const createdAt = new Date("2026-01-01T00:00:00Z");
const aMessage = (fields: object = {}): PushMessage => pushMessageSchema.parse({ content: { title: "T" }, ...fields });

const expiryOf = ({ ttl }: PushMessage) => new Date(createdAt.getTime() + ttl * 1_000);

function build(message: PushMessage, line: Partial<DeliveryLine> = {}, now = createdAt) {
  const builder = prepareFcmMessage({ id, message, expiresAt: expiryOf(message) });
  const built = builder.build({ ordinal: 3, token: "abc", ...line }, now);
  if ("tooLarge" in built) throw new Error(`too large: ${JSON.stringify(built.tooLarge)}`);
  return JSON.parse(built.body.toString()) as { message: Record<string, unknown> };
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
  aMessage({ fcm: { notification: { body: "over" }, android: { ttl: "5s", notification: { tag: null } } } }),
])("the spliced body equals the plain one, whatever stands in it", (message) => {
  for (const token of ["abc", 'we"ird\\token', "$&", "日本"]) {
    const tag = message.collapseKey ?? ulidOf(notificationUuid(id, 3));
    expect(build(message, { token })).toEqual(
      buildRequestBody(message, { token, tag, ttl: "2419200s", expiresAt: expiryOf(message) }),
    );
  }
});

test("the time that it waited is taken off its TTL, and never more than all of it", () => {
  const ttlAfter = (seconds: number) =>
    (
      build(aMessage({ ttl: 60 }), {}, new Date(createdAt.getTime() + seconds * 1_000)).message.android as {
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

test("data with a sound or a badge is a notification without text, which carries them", () => {
  for (const [fields, android, aps] of [
    [{ sound: "ring" }, { sound: "ring" }, { sound: "ring" }],
    [{ badge: 2 }, { notification_count: 2 }, { badge: 2 }],
  ] as const) {
    const { message } = build(aMessage({ content: { data: { a: "1" } }, channelId: "c", ...fields }));
    expect(message).not.toHaveProperty("notification");
    const tag = ulidOf(notificationUuid(id, 3));
    expect(message).toMatchObject({
      data: { a: "1" },
      android: { notification: { tag, channel_id: "c", ...android } },
      apns: { payload: { aps } },
    });
    expect(message).not.toHaveProperty("data.fanfare");
  }
});

test("a badge of 0, which takes one away, makes no notification on Android", () => {
  const { message } = build(aMessage({ content: { data: { a: "1" } }, badge: 0 }));
  expect(message).not.toHaveProperty("android.notification");
  expect(message.apns).toEqual({ payload: { aps: { badge: 0 } } });
});

test.each([
  ["a notification", { notification: { title: "T" } }],
  ["an alert", { apns: { payload: { aps: { alert: "T" } } } }],
])("the sender's own fcm makes an alert for Apple of data: %s", (_what, fcm) => {
  const { message } = build(aMessage({ content: { data: { a: "1" } }, fcm }));
  expect(message).toMatchObject(fcm);
  expect(message).not.toHaveProperty("apns.headers");
  expect(message).not.toHaveProperty("apns.payload.aps.content-available");
});

test("the sender's own fcm that takes the notification away leaves a push that wakes the app", () => {
  const fcm = { notification: null, android: { notification: null } };
  expect(build(aMessage({ content: { title: "T", data: { a: "1" } }, fcm })).message.apns).toEqual({
    headers: { "apns-push-type": "background", "apns-priority": "5" },
    payload: { aps: { "content-available": 1 } },
  });
});

test("a lone image stands in the notification alone, and may be as long as its URL may be", () => {
  const images = [`https://example.com/${"a".repeat(2_028)}`];
  const { message } = build(aMessage({ content: { title: "T", body: "b".repeat(1_000), images } }));
  expect(message).toMatchObject({ notification: { image: images[0] } });
  expect(message).not.toHaveProperty("data");
});

test.each([
  [
    "images and the click action, beside keys of data that look so",
    {
      title: "T",
      images: ["https://x/1.png", "https://x/2.png"],
      clickAction: "OPEN",
      data: { images: "1", clickAction: "2" },
    },
    { images: ["https://x/1.png", "https://x/2.png"], clickAction: "OPEN" },
  ],
  ["the channel of what nothing is shown of", { data: { a: "1" } }, { channelId: "c" }],
])("%s have a place of their own in data, as JSON", (_what, content, extras) => {
  const data = build(aMessage({ content, channelId: "c" })).message.data as Record<string, string>;
  expect({ ...data, fanfare: JSON.parse(data.fanfare ?? "") as object }).toEqual({ ...content.data, fanfare: extras });
});

test("what is personal takes the place of what is shared, for its line alone", () => {
  const message = aMessage({ content: { title: "Hi {{ name }}" }, collapseKey: "k-{{ name }}", sound: "{{ s }}" });
  const rendered = { content: { title: "Hi Ada" }, sound: "ring", collapseKey: "k-ada" };
  expect(build(message, { rendered }).message).toEqual({
    token: "abc",
    notification: { title: "Hi Ada" },
    android: {
      priority: "HIGH",
      ttl: "2419200s",
      collapse_key: "k-ada",
      notification: { tag: "k-ada", sound: "ring" },
    },
    apns: { headers: { "apns-collapse-id": "k-ada" }, payload: { aps: { sound: "ring" } } },
  });
});

test("the sender's own fcm is merged in last, and null takes a field away", () => {
  const fcm = {
    android: { priority: "NORMAL", notification: { color: "#ff0000", sound: null } },
    fcm_options: { analytics_label: "boarding" },
  };
  const { message } = build(aMessage({ sound: "ring", fcm }));
  expect(message).toMatchObject({
    token: "abc",
    notification: { title: "T" },
    android: { priority: "NORMAL", notification: { color: "#ff0000" } },
    fcm_options: { analytics_label: "boarding" },
  });
  expect(message.android).not.toHaveProperty("notification.sound");
});

describe("keys and values of notification and data count as payload, in bytes", () => {
  const sizeOf = (message: PushMessage, line: Partial<DeliveryLine> = {}) => {
    const builder = prepareFcmMessage({ id, message, expiresAt: expiryOf(message) });
    return builder.build({ ordinal: 0, token: "t", ...line }, createdAt);
  };
  // "é" has two bytes; "title" and "key" are counted as well.
  const withBytes = (bytes: number) =>
    aMessage({ content: { title: "é", data: { key: "v".repeat(bytes - "title".length - 2 - "key".length) } } });

  test("4,096 are taken and 4,097 are not", () => {
    expect(sizeOf(withBytes(4_096))).toHaveProperty("body");
    expect(sizeOf(withBytes(4_097))).toEqual({ tooLarge: { bytes: 4_097, limit: 4_096 } });
  });

  test("what was rendered counts, not the template", () => {
    const rendered = { content: { title: "x".repeat(5_000) } };
    expect(sizeOf(aMessage({ content: { title: "{{ long }}" } }), { rendered })).toEqual({
      tooLarge: { bytes: 5_005, limit: 4_096 },
    });
  });

  test("an override counts", () => {
    const fcm = { data: { more: "x".repeat(4_096) } };
    expect(sizeOf(aMessage({ fcm }))).toEqual({ tooLarge: { bytes: 4_106, limit: 4_096 } });
  });
});
