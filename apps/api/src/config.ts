import {
  ABORT_AFTER_MS,
  ACCOUNT_PAIR,
  accountSettings,
  baseUrlSetting,
  logSettings,
  MASTER_KEY_PAIR,
  masterKeySettings,
  oneRedis,
  producerSettings,
  readinessSettings,
  storeSettings,
  wholePairs,
} from "@fanfare/runtime";
import { z } from "zod";
import { providerKeySettings, wholeSigningKey } from "./provider-key-settings.js";
import { trustProxySetting } from "./trust-proxy-setting.js";

/** How much longer than the wait for a connection and a statement an answer may take: a send looks once whether it is there. */
const ANSWER_SLACK_MS = 1_250;

/** How long an API that was asked to end serves on by default, in milliseconds. */
const SHUTDOWN_DELAY_MS = 5_000;

const settings = z.object({
  /** TCP port of the API; 0 = any free one. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Address to listen on. The default is reached from this machine only. */
  HOST: z.string().default("127.0.0.1"),
  /** Scheme and authority, perhaps a path, under which callers reach the API, for the URLs in its answers; absent: from each request. */
  PUBLIC_URL: baseUrlSetting.optional(),
  /** Addresses of reverse proxies whose X-Forwarded-For, -Host and -Proto are believed, such as `loopback` or `10.0.0.0/8`; absent: none. */
  TRUST_PROXY: trustProxySetting.optional(),
  /** Wrong credentials of a minute, from one address or for one user, after which others are answered with 429. */
  LOGIN_FAILURES_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(20),
  ...accountSettings,
  /** Apps that an account may have. */
  APPS_PER_ACCOUNT: z.coerce.number().int().min(1).max(10_000).default(10),
  /** Credentials that an app may have. */
  CREDENTIALS_PER_APP: z.coerce.number().int().min(1).max(1_000).default(10),
  ...providerKeySettings,
  ...masterKeySettings,
  ...storeSettings,
  ...producerSettings,
  ...readinessSettings,
  ...logSettings,
  /** Largest request body, in bytes: 10,000 recipients with tokens of 1 KB take 11 MB. */
  BODY_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(104_857_600).default(20_971_520),
  /** Requests with a body that one process works on at once; more are answered with 503. */
  IN_FLIGHT_REQUESTS: z.coerce.number().int().min(1).max(100_000).default(1_000),
  /** Bytes of their bodies together, which take some ten times as much memory; at least BODY_LIMIT_BYTES. */
  IN_FLIGHT_BYTES: z.coerce.number().int().min(1_024).max(1_073_741_824).default(41_943_040),
  /** Connections that one process keeps at most; more are closed at once. */
  CONNECTIONS_MAX: z.coerce.number().int().min(10).max(1_000_000).default(10_000),
  /** How long a client may take to send a request's headers, in milliseconds; then it is cut off with 408. */
  HEADERS_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000),
  /** The same for a whole request: 20 MB within a minute are 350 KB a second. At least HEADERS_TIMEOUT_MS. */
  RECEIVE_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(60_000),
  /**
   * How long a connection is kept after an answer, in seconds. Longer than the load balancer in front keeps it (Google's 600, Amazon's and nginx 60), or
   * its next request meets a connection that is just being closed.
   */
  KEEP_ALIVE_SECONDS: z.coerce.number().int().min(1).max(86_400).default(620),
  /** How long a statement may take, in milliseconds; then it is undone, and its request answered with 503. */
  STATEMENT_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(3_000),
  /** How long a request waits for a connection to the database, in milliseconds; then it is answered with 503. */
  CONNECTION_WAIT_MS: z.coerce.number().int().min(100).max(60_000).default(1_500),
  /** How long a send waits for others to be stored, in milliseconds; then it is answered with 503. */
  SEND_WAIT_MS: z.coerce.number().int().min(100).max(60_000).default(3_000),
  /**
   * How long an API that was asked to end serves on, in seconds, while it says that it is not ready: as long as its load
   * balancer needs to notice. The longest answer may begin after that, and has to be given before the abort. Absent: 5, or less if
   * that leaves no time for it.
   */
  SHUTDOWN_DELAY_SECONDS: z.coerce.number().min(0).max(14).optional(),
  /** Recipients of all accounts together that may wait to be sent to; then sends are answered with 503. */
  BACKLOG_LIMIT: z.coerce.number().int().min(1).max(1_000_000_000).default(10_000_000),
  /** Recipients of one account that may wait; then its sends are answered with 429, and others go on. */
  ACCOUNT_BACKLOG_LIMIT: z.coerce.number().int().min(1).max(1_000_000_000).default(5_000_000),
});

/** The API's settings. */
export const configSchema = wholePairs(wholeSigningKey(oneRedis(settings)), { ...ACCOUNT_PAIR, ...MASTER_KEY_PAIR })
  .refine(({ IN_FLIGHT_BYTES, BODY_LIMIT_BYTES }) => IN_FLIGHT_BYTES >= BODY_LIMIT_BYTES, {
    path: ["IN_FLIGHT_BYTES"],
    error: "must be at least BODY_LIMIT_BYTES, or the largest body is never taken",
  })
  .refine(({ RECEIVE_TIMEOUT_MS, HEADERS_TIMEOUT_MS }) => RECEIVE_TIMEOUT_MS >= HEADERS_TIMEOUT_MS, {
    path: ["RECEIVE_TIMEOUT_MS"],
    error: "must be at least HEADERS_TIMEOUT_MS",
  })
  .refine(
    (config) => !config.SHUTDOWN_DELAY_SECONDS || config.SHUTDOWN_DELAY_SECONDS * 1_000 < longestDelayMs(config),
    {
      path: ["SHUTDOWN_DELAY_SECONDS"],
      error: `is too long: with CONNECTION_WAIT_MS, STATEMENT_TIMEOUT_MS and ${ANSWER_SLACK_MS} ms it must be less than ${ABORT_AFTER_MS} ms`,
    },
  );

/** How long an answer may take, in milliseconds. */
export function longestAnswerMs(config: Pick<z.infer<typeof settings>, "CONNECTION_WAIT_MS" | "STATEMENT_TIMEOUT_MS">) {
  return config.CONNECTION_WAIT_MS + config.STATEMENT_TIMEOUT_MS + ANSWER_SLACK_MS;
}

/** How long an API that was asked to end serves on, in milliseconds. */
export function shutdownDelayMs(config: z.infer<typeof settings>): number {
  const { SHUTDOWN_DELAY_SECONDS: seconds } = config;
  return seconds === undefined ? Math.min(SHUTDOWN_DELAY_MS, longestDelayMs(config)) : seconds * 1_000;
}

/** The delay of a stop that leaves just no time for the longest answer, in milliseconds. */
function longestDelayMs(config: Parameters<typeof longestAnswerMs>[0]): number {
  return Math.max(0, ABORT_AFTER_MS - longestAnswerMs(config));
}

/** The environment that the process was started with. */
export const env = process.env;
