import { EXAMPLE } from "./example-story.js";
import {
  ACCOUNT_ID_PATTERN,
  API_KEY_ID_PATTERN,
  formatAttemptId,
  formatId,
  type IdKind,
  notificationUuid,
  parseId,
  splitNotificationUuid,
} from "./ids.js";

const { ids } = EXAMPLE;

test("each id of the examples is one that the API takes", () => {
  const kinds: IdKind[] = ["operation", "notification", "credential", "device_registration", "pushnotificationuser"];
  const parsed = kinds.map((kind) => [kind, formatId(kind, parseId(kind, ids[kind]) ?? "")]);
  expect(parsed).toEqual(kinds.map((kind) => [kind, ids[kind]]));
  expect(ids.account).toMatch(ACCOUNT_ID_PATTERN);
  expect(ids.apiKey).toMatch(API_KEY_ID_PATTERN);
});

test("the notifications and the attempt of the examples are those of the operation", () => {
  const operation = parseId("operation", ids.operation) ?? "";
  const [first, third] = [1, 3].map((ordinal) => notificationUuid(operation, ordinal)) as [string, string];
  expect(ids.notification).toBe(formatId("notification", first));
  expect(ids.attempt).toBe(formatAttemptId(first, 1));
  expect(splitNotificationUuid(first)).toEqual({ operationUuid: operation, ordinal: 1 });
  expect(EXAMPLE.undelivered).toBe(formatId("notification", third));
});
