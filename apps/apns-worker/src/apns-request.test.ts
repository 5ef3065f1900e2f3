import { type DeliveryLine, mintOperationId, notificationUuid, pushMessageSchema, ulidOf } from "@fanfare/domain";
import { prepareApnsRequest } from "./apns-request.js";

const id = mintOperationId();
const authorize = () => "bearer x";
const createdAt = new Date("2026-01-01T00:00:00.700Z");

function build(fields: object = {}, line: Partial<DeliveryLine> = {}) {
  const built = tryBuild(fields, line);
  if ("tooLarge" in built) throw new Error(`too large: ${JSON.stringify(built.tooLarge)}`);
  const { request, apnsId } = built;
  return { ...request, apnsId, payload: JSON.parse(request.body.toString()) as Record<string, unknown> };
}

function tryBuild(fields: object = {}, line: Partial<DeliveryLine> = {}) {
  const message = pushMessageSchema.parse({ content: { title: "T" }, ...fields });
  const expiresAt = new Date(createdAt.getTime() + message.ttl * 1_000);
  const builder = prepareApnsRequest({ id, message, expiresAt }, { bundleId: "com.example.app" });
  return builder.build({ ordinal: 3, token: "abc", ...line }, authorize);
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

test("the provider token is the one of the moment at which the request goes out", () => {
  let authorization = "bearer old";
  const message = pushMessageSchema.parse({ content: { title: "T" } });
  const builder = prepareApnsRequest({ id, message, expiresAt: createdAt }, { bundleId: "com.example.app" });
  const built = builder.build({ ordinal: 3, token: "abc" }, () => authorization);
  authorization = "bearer new";
  expect(built).toMatchObject({ request: { headers: { authorization: "bearer new" } } });
});

test("a token is whatever it is: it can not change the path", () => {
  expect(build({}, { token: "a/../b?c#d é" }).path).toBe("/3/device/a%2F..%2Fb%3Fc%23d%20%C3%A9");
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
    { aps: { alert: { title: "T" }, "mutable-content": 1 }, fanfare: { images: ["https://x/y.png"] } },
  ],
  [
    "click action",
    { content: { title: "T", clickAction: "OPEN" } },
    { aps: { alert: { title: "T" } }, fanfare: { clickAction: "OPEN" } },
  ],
  [
    "data with keys such as Fanfare's own fields have",
    {
      content: {
        title: "T",
        images: ["https://x/y.png"],
        clickAction: "OPEN",
        data: { images: "1", clickAction: "2" },
      },
    },
    {
      aps: { alert: { title: "T" }, "mutable-content": 1 },
      ...{ images: "1", clickAction: "2", fanfare: { images: ["https://x/y.png"], clickAction: "OPEN" } },
    },
  ],
  ["data alone", { content: { data: { a: "1" } } }, { aps: { "content-available": 1 }, a: "1" }],
])("the payload of %s", (_what, fields, payload) => {
  expect(build(fields).payload).toEqual(payload);
});

// Apple, "Sending notification requests to APNs": the topic's suffix of each push type.
test.each([
  ["background", "", "5"],
  ["voip", ".voip", "10"],
  ["complication", ".complication", "10"],
  ["fileprovider", ".pushkit.fileprovider", "10"],
  ["liveactivity", ".push-type.liveactivity", "10"],
  ["location", ".location-query", "10"],
  ["pushtotalk", ".voip-ptt", "10"],
])("a push of type %s has the topic's suffix %j and priority %s", (pushType, suffix, priority) => {
  expect(build({ pushType, content: { data: { a: "1" } } }).headers).toMatchObject({
    "apns-push-type": pushType,
    "apns-topic": `com.example.app${suffix}`,
    "apns-priority": priority,
  });
});

test.each([
  ["text in the language of its recipient", { content: { title: "T", data: { a: "1" } } }, "alert", "10"],
  ["none", { content: { data: { a: "1" } } }, "background", "5"],
])("each line has the type of its own payload: with %s", (_what, rendered, type, priority) => {
  const fields = { content: { data: { a: "1" }, localizations: { de: { title: "T" } } } };
  const { headers, payload } = build(fields, { rendered });
  expect(headers).toMatchObject({ "apns-push-type": type, "apns-priority": priority });
  expect(payload).toHaveProperty(type === "alert" ? "aps.alert.title" : "aps.content-available");
});

test("data with a badge or a sound is an alert, which no app is woken for", () => {
  for (const fields of [{ badge: 0 }, { sound: "ring" }]) {
    const { headers, payload } = build({ content: { data: { a: "1" } }, ...fields });
    expect(headers).toMatchObject({ "apns-push-type": "alert", "apns-priority": "10" });
    expect(payload).toEqual({ aps: fields, a: "1" });
  }
});

test("the sender's own apns is merged into the payload last, and null takes a field away", () => {
  const apns = { aps: { "interruption-level": "time-sensitive", sound: null, alert: { "loc-key": "K" } }, extra: [1] };
  expect(build({ sound: "ring", apns }).payload).toEqual({
    aps: { alert: { title: "T", "loc-key": "K" }, "interruption-level": "time-sensitive" },
    extra: [1],
  });
});

test("what is personal takes the place of what is shared, for its line alone", () => {
  const fields = { content: { title: "Hi {{ name }}" }, collapseKey: "k-{{ name }}", sound: "{{ s }}" };
  const rendered = { content: { title: "Hi Ada" }, sound: "ring", collapseKey: "k-ada" };
  const { payload, headers } = build(fields, { rendered });
  expect(payload).toEqual({ aps: { alert: { title: "Hi Ada" }, sound: "ring" } });
  expect(headers).toMatchObject({ "apns-collapse-id": "k-ada" });
});

describe("Apple's limit of a payload", () => {
  const overhead = JSON.stringify({ aps: { alert: { title: "" } } }).length;
  const withBytes = (bytes: number) => ({ rendered: { content: { title: "x".repeat(bytes - overhead) } } });

  test.each([
    ["alert", 4_096],
    ["voip", 5_120],
  ])("of type %s is %i bytes, after rendering", (pushType, limit) => {
    expect(tryBuild({ pushType }, withBytes(limit))).toHaveProperty("request");
    expect(tryBuild({ pushType }, withBytes(limit + 1))).toEqual({ tooLarge: { bytes: limit + 1, limit } });
  });

  test("holds for what all recipients share, and counts the override", () => {
    expect(tryBuild({ apns: { more: "x".repeat(5_000) } })).toMatchObject({ tooLarge: { limit: 4_096 } });
  });
});

test("a collapse key that no header can carry arrives as its hash", () => {
  const collapseId = (collapseKey: string) => build({ collapseKey }).headers["apns-collapse-id"];
  expect(collapseId("gate A1")).toBe("gate A1");
  expect(collapseId("日")).toBe("85217f7aff77841438439fb3e7cf37bb3062fb026453c7692247d3a5641a0115");
});
