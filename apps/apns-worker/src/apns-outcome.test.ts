import { APNS_RULES, retiresConnection, toApnsOutcome } from "./apns-outcome.js";

const now = new Date("2026-01-01T00:00:00Z");
const outcome = (status: number, body: string, headers: Record<string, string> = {}) =>
  toApnsOutcome({ kind: "answered", status, headers, body: Buffer.from(body) }, "id", now);

test.each(APNS_RULES)("$status $reason: $meaning", ({ status, reason, verdict, meaning }) => {
  const found = outcome(status, JSON.stringify({ reason }));
  expect(found).toMatchObject({ code: reason, httpStatus: status, detail: meaning });
  expect(found.kind === "rejected" ? found.blame : found.kind).toBe(verdict);
});

test("200 is accepted, with the id that APNs returns", () => {
  expect(outcome(200, "", { "apns-id": "from-apple" })).toEqual({
    kind: "accepted",
    providerMessageId: "from-apple",
    httpStatus: 200,
  });
  expect(outcome(200, "")).toMatchObject({ providerMessageId: "id" });
});

test("410 carries the time since which the token is dead", () => {
  expect(outcome(410, '{"reason":"Unregistered","timestamp":1700000000000}')).toMatchObject({
    blame: "token",
    invalidatedAt: new Date(1_700_000_000_000),
  });
});

test.each([
  ["out of range for a date", "1e300"],
  ["more than a number holds", "1e400"],
  ["negative", "-1"],
  ["zero", "0"],
  ["in seconds", "1700000000"],
  ["in the future", String(now.getTime() + 1)],
  ["a string", '"1700000000000"'],
  ["null", "null"],
  ["an object", "{}"],
])("a 410 whose timestamp is %s is one without a timestamp", (_what, timestamp) => {
  const found = outcome(410, `{"reason":"Unregistered","timestamp":${timestamp}}`);
  expect(found).toEqual(outcome(410, '{"reason":"Unregistered"}'));
  expect(found).toMatchObject({ blame: "token", tokenIsGone: true });
});

test.each([
  [
    "an unknown 4xx reason is the request's fault and keeps the token",
    418,
    '{"reason":"Teapot"}',
    { kind: "rejected", blame: "request", code: "Teapot" },
  ],
  ["an unknown 5xx reason is tried again", 599, '{"reason":"Odd"}', { kind: "retry", code: "Odd" }],
  [
    "a known reason under another status is not taken for it",
    400,
    '{"reason":"Unregistered"}',
    { kind: "rejected", blame: "request" },
  ],
  ["HTML of a front end is tried again", 502, "<html>Bad gateway</html>", { kind: "retry", code: "HTTP_502" }],
  ["an empty body is decided by its status", 400, "", { kind: "rejected", blame: "request", code: "HTTP_400" }],
  ["a body that was cut off is decided by its status", 503, '{"reas', { kind: "retry", code: "HTTP_503" }],
  ["an unknown 429 is tried again", 429, "", { kind: "retry", code: "HTTP_429" }],
])("%s", (_title, status, body, expected) => {
  expect(outcome(status, body)).toMatchObject(expected);
});

test("Retry-After is kept, in seconds or as a date", () => {
  const busy = '{"reason":"TooManyRequests"}';
  expect(outcome(429, busy, { "retry-after": "7" })).toMatchObject({ retryAfterMs: 7_000 });
  expect(outcome(429, busy, { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" })).toMatchObject({ retryAfterMs: 9_000 });
  expect(outcome(429, busy)).not.toHaveProperty("retryAfterMs");
  expect(outcome(429, busy, { "retry-after": "-7" })).not.toHaveProperty("retryAfterMs");
});

test("Apple has no rule on how soon to come back: Fanfare's own applies", () => {
  for (const { status, reason } of APNS_RULES) {
    expect(outcome(status, JSON.stringify({ reason }))).not.toHaveProperty("backoffMs");
  }
  expect(toApnsOutcome({ kind: "unknown", code: "TIMEOUT" }, "id", now)).not.toHaveProperty("backoffMs");
});

test("no answer is an unknown outcome", () => {
  expect(toApnsOutcome({ kind: "unknown", code: "TIMEOUT" }, "id", now)).toMatchObject({
    kind: "unknown",
    code: "TIMEOUT",
  });
});

test("only a token that is gone from the device is one for every credential", () => {
  const gone = APNS_RULES.filter(({ status, reason }) => {
    const found = outcome(status, JSON.stringify({ reason }));
    return found.kind === "rejected" && found.tokenIsGone;
  });
  expect(gone.map(({ reason }) => reason)).toEqual(["ExpiredToken", "Unregistered"]);
});

test("a connection is replaced after what APNs holds against it for as long as it lives, and after nothing else", () => {
  const after = ({ status, reason }: { status: number; reason: string }) =>
    retiresConnection({ kind: "answered", status, headers: {}, body: Buffer.from(JSON.stringify({ reason })) });
  expect(APNS_RULES.filter(after).map(({ reason }) => reason)).toEqual([
    ...["ExpiredProviderToken", "InvalidProviderToken", "UnrelatedKeyIdInToken", "TooManyProviderTokenUpdates"],
  ]);
});

test.each(APNS_RULES.filter(({ verdict }) => verdict === "credential"))(
  "$reason, a refused credential, comes with what to do about it",
  ({ status, reason, advice }) => {
    expect(advice).toMatch(/\.$/);
    const body = Buffer.from(JSON.stringify({ reason }));
    expect(toApnsOutcome({ kind: "answered", status, headers: {}, body }, "id", new Date())).toMatchObject({ advice });
  },
);
