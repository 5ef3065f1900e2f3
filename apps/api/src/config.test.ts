import { parseConfig } from "@fanfare/runtime";
import { configSchema, shutdownDelayMs } from "./config.js";

/** The settings that something is wrong with. */
const problemsOf = (env: Record<string, string>) => {
  const parsed = parseConfig(configSchema, { DATABASE_URL: "postgres://x/y", ...env });
  return parsed.ok ? [] : [...new Set(parsed.problems.map((problem) => problem.split(":")[0]))];
};

const LIMITS = [
  ...["IN_FLIGHT_REQUESTS", "IN_FLIGHT_BYTES", "BODY_LIMIT_BYTES", "CONNECTIONS_MAX", "DATABASE_POOL_SIZE"],
  ...["HEADERS_TIMEOUT_MS", "RECEIVE_TIMEOUT_MS", "STATEMENT_TIMEOUT_MS", "CONNECTION_WAIT_MS", "SEND_WAIT_MS"],
  ...["BACKLOG_LIMIT", "ACCOUNT_BACKLOG_LIMIT"],
];

test("the defaults hold together", () => {
  expect(problemsOf({})).toEqual([]);
});

// A limit of 0 would refuse or hang everything without a word.
test.each(LIMITS.flatMap((name) => ["0", "-1", "many"].map((value) => [name, value] as const)))(
  "a limit that would let nothing through is refused at boot: %s=%s",
  (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([name]);
  },
);

test.each([
  { SHUTDOWN_DELAY_SECONDS: "14" },
  { SHUTDOWN_DELAY_SECONDS: "9.25" },
  { SHUTDOWN_DELAY_SECONDS: "5", STATEMENT_TIMEOUT_MS: "9000" },
])("a stop that would cut off the last answers is refused at boot: %j", (env) => {
  expect(problemsOf(env)).toEqual(["SHUTDOWN_DELAY_SECONDS"]);
});

test.each([
  [{}, 5_000],
  [{ SHUTDOWN_DELAY_SECONDS: "1.5" }, 1_500],
  [{ STATEMENT_TIMEOUT_MS: "9000" }, 3_250],
  [{ STATEMENT_TIMEOUT_MS: "60000" }, 0],
  [{ SHUTDOWN_DELAY_SECONDS: "0", STATEMENT_TIMEOUT_MS: "60000" }, 0],
])("a stop is delayed by what leaves time for the longest answer: %j", (env, delayMs) => {
  expect(shutdownDelayMs(configSchema.parse({ DATABASE_URL: "postgres://localhost/fanfare", ...env }))).toBe(delayMs);
});

test.each(["0", "5", "9.2"])("a delay of a stop that leaves time for the longest answer is taken: %s s", (seconds) => {
  expect(problemsOf({ SHUTDOWN_DELAY_SECONDS: seconds })).toEqual([]);
});

test("limits that contradict each other are refused at boot, by name", () => {
  expect(problemsOf({ BODY_LIMIT_BYTES: "50000000", IN_FLIGHT_BYTES: "40000000" })).toEqual(["IN_FLIGHT_BYTES"]);
  expect(problemsOf({ HEADERS_TIMEOUT_MS: "5000", RECEIVE_TIMEOUT_MS: "4000" })).toEqual(["RECEIVE_TIMEOUT_MS"]);
});
