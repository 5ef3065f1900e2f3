import { UnusableServerError } from "@fanfare/postgres";
import { answered } from "./open-queues.js";
import type { RedisClient } from "./open-redis.js";

const NO_DATABASE = /DB index is out of range/;

/**
 * Rejects when Redis has not the database that a URL names: ioredis would go on in database 0, which is perhaps somebody else's.
 *
 * @throws UnusableServerError
 */
export async function requireDatabase(redis: RedisClient, url: string): Promise<void> {
  const database = Number(new URL(url).pathname.slice(1));
  if (database === 0) return;
  try {
    await answered(redis.select(database));
  } catch (cause) {
    if (!(cause instanceof Error && NO_DATABASE.test(cause.message))) throw cause;
    const sentence = `Redis has no database ${database}: set REDIS_URL to one that it has, or raise its setting "databases".`;
    throw new UnusableServerError(sentence, { cause });
  }
}
