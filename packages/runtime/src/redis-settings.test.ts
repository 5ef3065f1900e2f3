import { z } from "zod";
import { parseConfig } from "./parse-config.js";
import { oneRedis, redisSettings } from "./redis-settings.js";

const schema = oneRedis(z.object(redisSettings));

test.each([
  "redis-1:6379",
  "redis-1:6379, redis-2:6380",
  "[::1]:6379",
  "rediss://user:p%40ss@redis-1:6379,redis-2:6379",
  "redis://redis-1",
  "redis://redis-1:7000/0",
])("%j names nodes of a cluster", (nodes) => {
  expect(parseConfig(schema, { REDIS_CLUSTER_NODES: nodes }).ok).toBe(true);
});

test.each([
  "redis-1",
  "redis-1:",
  "redis-1:6379,",
  "redis-1:port",
  "redis-1:70000",
  "redis-1:6379 redis-2:6379",
  "http://redis-1:6379",
  "redis://redis-1:6379/1",
  "user:secret@redis-1:6379",
  ":6379",
])("%j names none, and is refused without being repeated", (nodes) => {
  const parsed = parseConfig(schema, { REDIS_CLUSTER_NODES: nodes });
  expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(/^REDIS_CLUSTER_NODES: must be host:port/)] });
});

test("one server and a cluster at once are refused", () => {
  const parsed = parseConfig(schema, { REDIS_URL: "redis://one:6379", REDIS_CLUSTER_NODES: "two:6379" });
  expect(parsed).toEqual({
    ok: false,
    problems: [
      "REDIS_CLUSTER_NODES: must not be set together with REDIS_URL: the queues are on a cluster or on one server",
    ],
  });
});
