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

/** Everything that is wrong with some settings, in words. */
function wordsFor(env: Record<string, string>): string[] {
  const parsed = parseConfig(configSchema, { DATABASE_URL: "postgres://x/y", ...env });
  return parsed.ok ? [] : parsed.problems;
}

test.each([
  [{ FANFARE_ACCOUNT_ID: `AC${"0".repeat(32)}` }, "FANFARE_AUTH_TOKEN: is required when FANFARE_ACCOUNT_ID is set"],
  [{ FANFARE_AUTH_TOKEN: "0".repeat(48) }, "FANFARE_ACCOUNT_ID: is required when FANFARE_AUTH_TOKEN is set"],
  [{ APNS_KEY_ID: "ABCDEFGHIJ" }, "APNS_KEY: is required when APNS_KEY_ID is set"],
  [{ APNS_TEAM_ID: "ABCDEFGHIJ", APNS_TOPIC: "com.example" }, "APNS_KEY: is required when APNS_TEAM_ID is set"],
  [
    { FANFARE_MASTER_KEY_PREVIOUS: "0".repeat(64) },
    "FANFARE_MASTER_KEY: is required when FANFARE_MASTER_KEY_PREVIOUS is set",
  ],
])("credentials that are given by halves are refused at boot, and the missing half is named: %j", (env, problem) => {
  expect(wordsFor(env)).toEqual([problem]);
});

test.each(["yes", "1", "true", "10.0.0.0/99", "loopback,proxy.example.com"])(
  "proxies that Express could not read are refused at boot: TRUST_PROXY=%s",
  (setting) => {
    expect(wordsFor({ TRUST_PROXY: setting })).toEqual([
      expect.stringMatching(
        /^TRUST_PROXY: must be addresses or ranges of reverse proxies.* 10\.0\.0\.0\/8 or loopback/,
      ),
    ]);
  },
);

test.each(["loopback", "10.0.0.0/8, 192.0.2.1", "uniquelocal,::1"])("TRUST_PROXY=%s is taken", (setting) => {
  expect(wordsFor({ TRUST_PROXY: setting })).toEqual([]);
});
