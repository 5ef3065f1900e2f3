import { setTimeout } from "node:timers/promises";
import { explainDatabase, isStartingUp, migrate } from "@fanfare/db";
import { connectQueues, explainQueue, isQueueAway, migrateQueues, type RedisPlace } from "@fanfare/queues";

/** Where the stores of an installation are. */
export interface Stores {
  databaseUrl: string;
  /** Absent: the queues are in Postgres. */
  redis: RedisPlace | undefined;
}

/** How stores are prepared. */
export interface PrepareOptions extends Stores {
  /** Told of a wait. */
  onEvent: (event: string) => void;
  /** Breaks a wait off. */
  signal?: AbortSignal | undefined;
}

/** How long a Postgres that says that it starts is waited for, in milliseconds. */
const STARTING_UP_MS = 30_000;
const PAUSE_MS = 1_000;

/**
 * Brings the database up to this release; resolves with the migrations that it lacked, and the schema of the tables.
 *
 * @throws an error that says what is wrong with DATABASE_URL.
 */
export async function prepareDatabase({ databaseUrl, redis, onEvent, signal }: PrepareOptions) {
  const giveUpAt = performance.now() + STARTING_UP_MS;
  for (let tries = 1; ; tries++) {
    try {
      return { applied: await migrate(databaseUrl), tablesIn: await migrateQueues({ databaseUrl, redis }) };
    } catch (error) {
      if (!isStartingUp(error) || performance.now() > giveUpAt) throw explainDatabase(error, databaseUrl);
      if (tries === 1) onEvent(`is starting up; it is waited for, ${STARTING_UP_MS / 1_000} s at most`);
      await setTimeout(PAUSE_MS, undefined, { ...(signal && { signal }) });
    }
  }
}

/**
 * Resolves when the queues can be used. The apps would wait for them, and whoever starts them would not know what for.
 *
 * @throws an error that says what is wrong with REDIS_URL or REDIS_CLUSTER_NODES.
 */
export async function requireQueues(stores: Stores & { tablesIn: string | undefined }): Promise<void> {
  const { redis, databaseUrl } = stores;
  const queues = connectQueues({ ...stores, onError: () => undefined });
  try {
    await queues.usable();
  } catch (error) {
    if (!isQueueAway(error)) throw error;
    throw redis ? explainQueue(error, redis) : explainDatabase(error, databaseUrl);
  } finally {
    // It was only to answer: what its goodbye comes to is of no interest.
    await queues.close().catch(() => undefined);
  }
}
