import { boundWaitMs } from "@fanfare/domain";

/**
 * The pause that a `Retry-After` header asks for, in milliseconds: seconds, whole or decimal, or an HTTP date (RFC 9110, sections
 * 10.2.3 and 5.6.7). A date that has passed asks for 0, and nothing asks for more than an hour (`LONGEST_WAIT_MS`). `undefined`
 * where nothing valid is asked for: it is absent, negative, several values, or neither.
 */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return boundWaitMs(Number(text) * 1_000);
  const dateMs = readHttpDate(text, now);
  return dateMs === undefined ? undefined : boundWaitMs(dateMs - now.getTime());
}

/** RFC 9110 knows whole seconds only; proxies and gateways send decimal ones. */
const SECONDS = /^\d+(\.\d+)?$/;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)";

/** The form of today, and the two obsolete ones that are to be understood all the same. */
const HTTP_DATES = [
  new RegExp(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * The time of an HTTP date. Not by `Date.parse`: that takes nearly anything for a date, "1.5" and "-5" too, and what has no zone
 * for local time.
 */
function readHttpDate(text: string, now: Date): number | undefined {
  for (const form of HTTP_DATES) {
    const { year = "", month = "", ...rest } = form.exec(text)?.groups ?? {};
    if (year === "") continue;
    const [day, hour, minute, second] = [rest.day, rest.hour, rest.minute, rest.second].map(Number) as Four;
    const date = new Date(0);
    // Not `Date.UTC`, to which the years 0 to 99 are those of another century.
    date.setUTCFullYear(fullYear(year, now), MONTHS.indexOf(month), day);
    // A day that its month does not have was made one of the next month.
    if (date.getUTCDate() !== day) return undefined;
    return date.setUTCHours(hour, minute, second);
  }
  return undefined;
}

type Four = [number, number, number, number];

/** A year of two digits that would be more than 50 years ahead is the last one that ended so (RFC 9110, section 5.6.7). */
function fullYear(year: string, now: Date): number {
  if (year.length === 4) return Number(year);
  const thisYear = now.getUTCFullYear();
  const inThisCentury = Math.floor(thisYear / 100) * 100 + Number(year);
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
}
