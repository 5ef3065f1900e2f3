import { parseConfig } from "@fanfare/runtime";
import { configSchema } from "./config.js";

const LIMITS = [
  ...["FCM_SESSIONS", "FCM_RATE_PER_MINUTE"],
  ...["DELIVERY_CONCURRENCY", "DATABASE_POOL_SIZE", "LEASE_MS", "REQUEST_TIMEOUT_MS", "STALLED_AFTER_SECONDS"],
];

// A worker that may send nothing at once would hang without a word.
test.each(LIMITS.flatMap((name) => ["0", "-1", "many"].map((value) => [name, value] as const)))(
  "a limit that would let nothing be sent is refused at boot: %s=%s",
  (name, value) => {
    const parsed = parseConfig(configSchema, { DATABASE_URL: "postgres://x/y", [name]: value });
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.split(":")[0])).toEqual([name]);
  },
);
