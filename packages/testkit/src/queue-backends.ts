import { randomBytes } from "node:crypto";

/** A queue backend that this test run has a server for. */
export interface TestQueueBackend {
  name: "postgres" | "redis";
  redisUrl?: string;
}

/** The backends to test on: for `describe.each`. CI has both. */
export function queueBackends(): TestQueueBackend[] {
  const redisUrl = process.env.FANFARE_TEST_REDIS_URL;
  return [{ name: "postgres" }, ...(redisUrl ? [{ name: "redis" as const, redisUrl }] : [])];
}

/** Whether this test run has a Redis: for tests that start servers of their own. */
export const hasRedis = () => queueBackends().some(({ redisUrl }) => redisUrl);

/** A prefix of queue keys that nobody else uses. */
export function queueNamespace(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}
