import type { RedisClient } from "./open-redis.js";

/**
 * Rejects when a Redis that takes jobs would lose them, or has no room left. One that makes room by evicting any key it likes loses
 * jobs without a word. `INFO` tells of both, where CONFIG may be forbidden.
 *
 * @param key any of the queues': of a cluster, the node that has it is asked.
 */
export async function checkMemory(redis: RedisClient, key: string): Promise<void> {
  const memory = String(await redis.eval("return redis.call('INFO', 'memory')", 1, key));
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, "m").exec(memory)?.[1] ?? "";
  const [used, max, policy] = [Number(read("used_memory")), Number(read("maxmemory")), read("maxmemory_policy")];
  if (max > 0 && policy.startsWith("allkeys-")) {
    throw new Error(`Redis evicts jobs: its maxmemory-policy is ${policy}, and must be noeviction`);
  }
  if (max > 0 && used >= max) throw new Error(`Redis is out of memory: ${used} of ${max} bytes used`);
}
