import type { DeliveryOutcome } from "@fanfare/domain";
import { FCM_RULES, GOOGLE_RULES, toFcmOutcome } from "./fcm-outcome.js";

const now = new Date("2026-01-01T00:00:00Z");
const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const outcome = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  toFcmOutcome(
    { kind: "answered", status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) },
    now,
  );
const fcmError = (errorCode: string, details: object[] = []) => ({
  error: { status: "SOMETHING", message: "words", details: [{ "@type": FCM_ERROR, errorCode }, ...details] },
});

test.each(FCM_RULES)("$status $errorCode: $meaning", ({ status, errorCode, verdict, meaning }) => {
  const found = outcome(status, fcmError(errorCode));
  expect(found).toMatchObject({ code: errorCode, httpStatus: status });
  expect(found.detail).toContain(meaning);
  expect(found.kind === "rejected" ? found.blame : found.kind).toBe(verdict);
});

test.each(GOOGLE_RULES)("$status $errorCode without an FcmError: $meaning", ({ status, errorCode, verdict }) => {
  const found = outcome(status, { error: { status: errorCode, message: "words" } });
  expect(found).toMatchObject({ kind: "rejected", blame: verdict, code: errorCode });
});

test.each(GOOGLE_RULES)("$status $errorCode: its advice goes with it, also where only the status tells", (rule) => {
  const { status, errorCode, advice } = rule;
  expect(advice).toMatch(/\.$/);
  expect(outcome(status, { error: { status: errorCode } })).toMatchObject({ advice });
  expect(outcome(status, "<html></html>")).toMatchObject({ advice });
});

test("200 is accepted with the message's name, even if the rest of the answer is missing", () => {
  expect(outcome(200, { name: "projects/p/messages/1" })).toMatchObject({
    kind: "accepted",
    providerMessageId: "projects/p/messages/1",
  });
  expect(outcome(200, "")).toMatchObject({ kind: "accepted", providerMessageId: "" });
});

test("INVALID_ARGUMENT blames the token only when the violated field is the token", () => {
  const violation = (field: string) => [
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field }] },
  ];
  expect(outcome(400, fcmError("INVALID_ARGUMENT", violation("message.token")))).toMatchObject({ blame: "token" });
  expect(outcome(400, fcmError("INVALID_ARGUMENT", violation("message.data")))).toMatchObject({ blame: "request" });
  expect(outcome(400, fcmError("INVALID_ARGUMENT"))).toMatchObject({ blame: "request" });
});

test("the words of a message decide nothing", () => {
  const body = { error: { status: "INVALID_ARGUMENT", message: "Requested entity was not found. UNREGISTERED" } };
  expect(outcome(400, body)).toMatchObject({ kind: "rejected", blame: "request" });
});

test.each([
  ["HTML of a front end is tried again", 502, "<html>Bad gateway</html>", { kind: "retry", code: "HTTP_502" }],
  [
    "an HTML 404 is the configuration's fault, not the token's",
    404,
    "<html></html>",
    { kind: "rejected", blame: "credential" },
  ],
  ["a 401 without a body is the access token's fault", 401, "", { kind: "rejected", blame: "credential" }],
  ["an HTML 403 is the service account's fault", 403, "<html></html>", { kind: "rejected", blame: "credential" }],
  [
    "a 403 of the front end that is new keeps what is queued",
    403,
    { error: { status: "NEW" } },
    { kind: "rejected", blame: "credential", code: "NEW" },
  ],
  [
    "an FcmError that is new keeps the token",
    404,
    fcmError("NEW"),
    { kind: "rejected", blame: "request", code: "NEW" },
  ],
  ["a body that was cut off is decided by its status", 400, '{"error":{"sta', { kind: "rejected", blame: "request" }],
  [
    "an unknown 4xx code keeps the token",
    409,
    { error: { status: "ABORTED" } },
    { kind: "rejected", blame: "request", code: "ABORTED" },
  ],
  [
    "an unknown 5xx code is tried again",
    504,
    { error: { status: "DEADLINE_EXCEEDED" } },
    { kind: "retry", code: "DEADLINE_EXCEEDED" },
  ],
])("%s", (_title, status, body, expected) => {
  expect(outcome(status, body)).toMatchObject(expected);
});

/** What an outcome says of when to come back. */
const wish = (found: DeliveryOutcome) => {
  const { retryAfterMs, backoffMs } = found as { retryAfterMs?: number; backoffMs?: number };
  return { kind: found.kind, retryAfterMs, backoffMs };
};
const THREE_SECONDS = { "retry-after": "3" };
const TEN_SECONDS = { kind: "retry", retryAfterMs: undefined, backoffMs: 10_000 };
const A_MINUTE = { kind: "retry", retryAfterMs: undefined, backoffMs: 60_000 };
const AS_ASKED = { kind: "retry", retryAfterMs: 3_000, backoffMs: undefined };

test.each<[string, number, unknown, object, object]>([
  ["INTERNAL", 500, fcmError("INTERNAL"), TEN_SECONDS, { ...TEN_SECONDS, retryAfterMs: 3_000 }],
  ["UNAVAILABLE", 503, fcmError("UNAVAILABLE"), TEN_SECONDS, { ...TEN_SECONDS, retryAfterMs: 3_000 }],
  ["a 5xx that is new", 599, fcmError("NEW"), TEN_SECONDS, { ...TEN_SECONDS, retryAfterMs: 3_000 }],
  ["a page of the front end", 502, "<html></html>", TEN_SECONDS, { ...TEN_SECONDS, retryAfterMs: 3_000 }],
  ["QUOTA_EXCEEDED", 429, fcmError("QUOTA_EXCEEDED"), A_MINUTE, AS_ASKED],
  ["a 429 that is new", 429, fcmError("NEW"), A_MINUTE, AS_ASKED],
  ["a 429 of the front end", 429, "", A_MINUTE, AS_ASKED],
])(
  "%s is tried again no sooner than Google's guide says, and than Retry-After says",
  (_what, status, body, unasked, asked) => {
    expect(wish(outcome(status, body))).toEqual(unasked);
    expect(wish(outcome(status, body, { "retry-after": "-3" }))).toEqual(unasked);
    expect(wish(outcome(status, body, THREE_SECONDS))).toEqual(asked);
  },
);

test("what is no failure of FCM's has no backoff", () => {
  for (const { status, errorCode, verdict } of [...FCM_RULES, ...GOOGLE_RULES]) {
    if (verdict === "retry") continue;
    expect(outcome(status, fcmError(errorCode))).not.toHaveProperty("backoffMs");
    expect(outcome(status, { error: { status: errorCode } })).not.toHaveProperty("backoffMs");
  }
});

test.each(["TIMEOUT", "CONNECTION_LOST"])("no answer (%s) is backed off from as a failure is", (code) => {
  expect(wish(toFcmOutcome({ kind: "unknown", code }, now))).toEqual({ ...TEN_SECONDS, kind: "unknown" });
});

test("only a token that is gone from the device is one for every credential", () => {
  const gone = FCM_RULES.filter(({ status, errorCode }) => {
    const found = outcome(status, fcmError(errorCode));
    return found.kind === "rejected" && found.tokenIsGone;
  });
  expect(gone.map(({ errorCode }) => errorCode)).toEqual(["UNREGISTERED", "UNREGISTERED_FID"]);
});

test.each([
  ["0", "0"],
  ["a date that has passed by our clock", "Wed, 31 Dec 2025 23:59:59 GMT"],
])("a 429 whose time is over already (%s) is backed off from like one without any", (_what, retryAfter) => {
  const found = outcome(429, fcmError("QUOTA_EXCEEDED"), { "retry-after": retryAfter });
  expect(found).toMatchObject({ kind: "retry", backoffMs: 60_000 });
});

test("a quota of the project throttles the credential, one of the device does not", () => {
  const exceeded = (subject: string) =>
    outcome(
      429,
      fcmError("QUOTA_EXCEEDED", [
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ subject, description: "words" }] },
      ]),
      { "retry-after": "30" },
    );
  expect(exceeded("project:123")).toMatchObject({ kind: "retry", retryAfterMs: 30_000, throttlesCredential: true });
  expect(exceeded("device:abc")).not.toHaveProperty("throttlesCredential");
  expect(outcome(429, fcmError("QUOTA_EXCEEDED"))).not.toHaveProperty("throttlesCredential");
});
