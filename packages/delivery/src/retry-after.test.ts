import { parseRetryAfter } from "./retry-after.js";

const now = new Date("2026-01-01T00:00:00Z");

test.each([
  ["seconds", "120", 120_000],
  ["a date", "Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
  ["a date that has passed", "Wed, 31 Dec 2025 00:00:00 GMT", 0],
  ["nonsense", "soon", undefined],
  ["nothing", undefined, undefined],
])("%s", (_what, value, ms) => {
  expect(parseRetryAfter(value, now)).toBe(ms);
});
