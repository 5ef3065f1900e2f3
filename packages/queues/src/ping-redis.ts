import type { Redis } from "ioredis";

/**
 * A Redis that is out of memory still answers PING, but takes no job; one that makes room by evicting any key it likes loses
 * jobs without a word. `INFO` tells of both, where CONFIG may be forbidden.
 */
export async function pingRedis(redis: Redis): Promise<void> {
  const memory = await redis.info("memory");
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, "m").exec(memory)?.[1] ?? "";
  const [used, max, policy] = [Number(read("used_memory")), Number(read("maxmemory")), read("maxmemory_policy")];
  if (max > 0 && policy.startsWith("allkeys-")) {
    throw new Error(`Redis evicts jobs: its maxmemory-policy is ${policy}, and must be noeviction`);
  }
  if (max > 0 && used >= max) throw new Error(`Redis is out of memory: ${used} of ${max} bytes used`);
}
