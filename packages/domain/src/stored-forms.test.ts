import { pushMessageSchema } from "./push-message.js";
import { readStoredMessage } from "./stored-forms.js";

const stored = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

test("a message is read back as it was stored", () => {
  const message = pushMessageSchema.parse({
    content: { title: "Boarding", data: { gate: "A1" }, localizations: { de: { title: "Einsteigen" } } },
    ...{
      sound: "ring",
      badge: 1,
      ttl: 60,
      collapseKey: "k",
      pushType: "alert",
      apns: { aps: {} },
      fcm: { android: {} },
    },
  });
  expect(readStoredMessage(stored(message))).toEqual(message);
});

test("what a newer release adds, or allows, is no reason not to read a message", () => {
  const newer = {
    content: { title: "x".repeat(5_000), actions: [{ id: "yes" }], localizations: { de: { title: "y", speech: "z" } } },
    ...{ priority: "HIGH", sound: null, ttl: 60, audience: "all" },
  };
  expect(readStoredMessage(stored(newer))).toMatchObject({ content: { title: newer.content.title }, ttl: 60 });
});

test("what an older release did not store yet is as by default", () => {
  const { priority, sound, ttl } = pushMessageSchema.parse({ content: { title: "x" } });
  expect(readStoredMessage({ content: { title: "x" } })).toEqual({ content: { title: "x" }, priority, sound, ttl });
});

test("what is no message is an error", () => {
  for (const bad of [null, "x", {}, { content: "x" }]) expect(() => readStoredMessage(bad)).toThrow();
});
