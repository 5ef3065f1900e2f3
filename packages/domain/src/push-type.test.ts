import { pushMessageSchema } from "./push-message.js";
import { pushTypeOf, pushTypeProblems } from "./push-type.js";

const data = { sync: "1" };
const messageOf = (fields: object) => pushMessageSchema.parse({ content: { data }, ...fields });
const problemsOf = (fields: object) =>
  pushTypeProblems(messageOf(fields)).map(({ path, message }) => `/${path.join("/")}: ${message}`);

// Apple, "Sending notification requests to APNs": an alert triggers an interaction by text, badge or sound.
test.each([
  ["data alone", {}, "background"],
  ["images, which no device of Apple's shows without text", { content: { images: ["https://x/y.png"] } }, "background"],
  ["what a device only files", { content: { data, category: "c", clickAction: "o" }, threadId: "t" }, "background"],
  ["a title", { content: { title: "" } }, "alert"],
  ["a subtitle", { content: { data, subtitle: "s" } }, "alert"],
  ["a body", { content: { body: "b" } }, "alert"],
  ["data with a sound", { sound: "ring" }, "alert"],
  ["data with a badge, be it 0", { badge: 0 }, "alert"],
  ["an alert in the sender's own apns", { apns: { aps: { alert: "x" } } }, "alert"],
  ["a sound in the sender's own apns", { apns: { aps: { sound: { name: "s" } } } }, "alert"],
  ["a badge in the sender's own apns", { apns: { aps: { badge: 1 } } }, "alert"],
  ["other fields in the sender's own apns", { apns: { aps: { "thread-id": "t" }, alert: "x" } }, "background"],
  [
    "text that the sender's own apns takes away",
    { content: { body: "b" }, apns: { aps: { alert: null } } },
    "background",
  ],
  ["a sound that it takes away", { sound: "ring", apns: { aps: { sound: null } } }, "background"],
  ["a badge that it takes away", { badge: 3, apns: { aps: { badge: null } } }, "background"],
  ["text of which it takes the sound away", { content: { body: "b" }, apns: { aps: { sound: null } } }, "alert"],
  ["a special type, whatever it has", { pushType: "voip", sound: "ring" }, "voip"],
])("the type of %s", (_what, fields, type) => {
  expect(pushTypeOf(messageOf(fields))).toBe(type);
  expect(problemsOf(fields)).toEqual([]);
});

test("a type that is named and follows from the message is taken", () => {
  expect(problemsOf({ pushType: "background" })).toEqual([]);
  expect(problemsOf({ pushType: "alert", badge: 1 })).toEqual([]);
});

const NOT_BACKGROUND = ["/pushType: a background push has neither text nor sound nor badge"];
const NOT_ALERT = ["/pushType: an alert push must have text, a sound or a badge"];
const NOT_AVAILABLE = ["/apns/aps/content-available: must be 1 in a push that has neither text nor sound nor badge"];

test.each([
  ["background with text", { pushType: "background", content: { title: "T" } }, NOT_BACKGROUND],
  ["background with a sound", { pushType: "background", sound: "ring" }, NOT_BACKGROUND],
  ["background with a badge", { pushType: "background", badge: 0 }, NOT_BACKGROUND],
  ["background with an alert of one's own", { pushType: "background", apns: { aps: { alert: "x" } } }, NOT_BACKGROUND],
  [
    "background with text in one language",
    { pushType: "background", content: { data, localizations: { de: { title: "T" } } } },
    NOT_BACKGROUND,
  ],
  ["alert with data alone", { pushType: "alert" }, NOT_ALERT],
  [
    "alert with text in one language alone",
    { pushType: "alert", content: { data, localizations: { de: { title: "T" } } } },
    NOT_ALERT,
  ],
  ["background that wakes nobody", { apns: { aps: { "content-available": 0 } } }, NOT_AVAILABLE],
  ["background whose content-available is taken away", { apns: { aps: { "content-available": null } } }, NOT_AVAILABLE],
])("%s is refused by name", (_what, fields, problems) => {
  expect(problemsOf(fields)).toEqual(problems);
});
