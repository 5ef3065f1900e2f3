import { LONGEST_WAIT_MS } from "@fanfare/domain";
import { parseRetryAfter } from "./retry-after.js";

const now = new Date("2026-01-01T00:00:00Z");
const HOUR = LONGEST_WAIT_MS;

test.each<[string, string | undefined, number | undefined]>([
  ["seconds", "120", 120_000],
  ["decimal seconds", "1.5", 1_500],
  ["a fraction of a millisecond is waited out", "0.0001", 1],
  ["zero", "0", 0],
  ["zero as a decimal", "0.0", 0],
  ["zeros before the number", "007", 7_000],
  ["whitespace around it", " \t5 ", 5_000],
  ["an hour", "3600", HOUR],
  ["more than an hour", "3601", HOUR],
  ["17 digits", "99999999999999999", HOUR],
  ["400 digits, more than a number holds", "9".repeat(400), HOUR],
  ["a decimal with 400 digits", `1.${"5".repeat(400)}`, 1_556],
  ["a date", "Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
  ["a date with whitespace around it", " Thu, 01 Jan 2026 00:01:00 GMT ", 60_000],
  ["a date as of RFC 850", "Thursday, 01-Jan-26 00:01:00 GMT", 60_000],
  ["a date as of asctime", "Thu Jan  1 00:01:00 2026", 60_000],
  ["a date as of asctime with two digits of the day", "Sat Jan 10 00:00:00 2026", HOUR],
  ["a leap second", "Wed, 31 Dec 2025 23:59:60 GMT", 0],
  ["a leap day", "Thu, 29 Feb 2024 00:00:00 GMT", 0],
  ["a date that has passed", "Wed, 31 Dec 2025 00:00:00 GMT", 0],
  ["a year of two digits is at most 50 years ahead", "Friday, 01-Jan-76 00:00:00 GMT", HOUR],
  ["and otherwise one that has passed", "Saturday, 01-Jan-77 00:00:00 GMT", 0],
  ["the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", HOUR],
  ["the year 0", "Sat, 01 Jan 0000 00:00:00 GMT", 0],
  ["nothing", undefined, undefined],
  ["an empty value", "", undefined],
  ["only whitespace", "  ", undefined],
  ["negative seconds", "-5", undefined],
  ["negative decimal seconds", "-1.5", undefined],
  ["a plus sign", "+5", undefined],
  ["a point without digits after it", "5.", undefined],
  ["a point without digits before it", ".5", undefined],
  ["two points", "1.2.3", undefined],
  ["a comma for a point", "1,5", undefined],
  ["several values", "120, 60", undefined],
  ["several dates", "Thu, 01 Jan 2026 00:01:00 GMT, Thu, 01 Jan 2026 00:02:00 GMT", undefined],
  ["an exponent", "1e3", undefined],
  ["hexadecimal", "0x10", undefined],
  ["a unit", "120s", undefined],
  ["digits that are not ASCII", "١٢٠", undefined],
  ["a date of ISO 8601", "2026-01-01T00:01:00Z", undefined],
  ["a date without a time", "1 Jan 2026", undefined],
  ["a date in another zone", "Thu, 01 Jan 2026 00:01:00 +0100", undefined],
  ["a day that does not exist", "Tue, 31 Feb 2026 00:00:00 GMT", undefined],
  ["the day 0", "Thu, 00 Jan 2026 00:00:00 GMT", undefined],
  ["an hour that does not exist", "Thu, 01 Jan 2026 24:01:00 GMT", undefined],
  ["a month that does not exist", "Thu, 01 Foo 2026 00:01:00 GMT", undefined],
  ["the name of something that every object has", "constructor", undefined],
  ["not a number", "NaN", undefined],
  ["infinity", "Infinity", undefined],
  ["nonsense", "soon", undefined],
])("%s", (_what, value, ms) => {
  expect(parseRetryAfter(value, now)).toBe(ms);
});

test("whatever comes, what is asked for is whole milliseconds from 0 to an hour, or nothing", () => {
  const pieces = [
    "-",
    "+",
    ".",
    "e",
    "0x",
    "9",
    "00",
    ":",
    " ",
    ",",
    "GMT",
    "Thu, ",
    "01 Jan ",
    "2026",
    "31",
    "Feb",
    "∞",
  ];
  for (let round = 0; round < 20_000; round++) {
    const count = 1 + (round % 9);
    const value = Array.from(
      { length: count },
      (_, index) => pieces[(round * 7 + index * index * 3 + index) % pieces.length],
    );
    const ms = parseRetryAfter(value.join(""), now);
    if (ms === undefined) continue;
    expect(Number.isInteger(ms)).toBe(true);
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThanOrEqual(HOUR);
  }
});
