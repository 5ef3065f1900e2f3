import type { Queue, Worker, WorkerOptions } from "bullmq";
import type { AnyQueueName, BatchQueueName, QueueName } from "./catalog.js";
import { connectPostgres, migratePostgres } from "./connect-postgres.js";
import { connectRedis } from "./connect-redis.js";
import type { RedisPlace } from "./redis-place.js";

/** Where the queues live. */
export interface QueueOptions {
  /** Postgres; used when `redis` is absent. */
  databaseUrl: string;
  /** See `redisPlace`. */
  redis?: RedisPlace | undefined;
  /** Schema of Fanfare's tables: the queues in Postgres are beside it. @default "public" */
  tablesIn?: string | undefined;
  /** Prefix of the keys in Redis, in braces on a cluster. On Postgres each schema with Fanfare's tables has its own queues. @default "fanfare" */
  namespace?: string | undefined;
  /** Told of connection errors; the connections are made again by themselves. */
  onError: (error: Error) => void;
}

/** Jobs of a queue by state. */
export interface JobCounts {
  /** Not begun; those with a priority included. */
  waiting: number;
  active: number;
}

type Processor = (job: { data: unknown }) => Promise<void>;

/** One process's way to the queues. Whoever connects closes it, after its producers and consumers. */
export interface QueueConnection {
  readonly backend: "postgres" | "redis";
  /** Resolves when a job could be added, and rejects with the reason, after some seconds at most, when none can. */
  ping(): Promise<void>;
  /**
   * As {@link ping}, and rejects as well when whoever connects may not do what a consumer has to: for the start.
   *
   * @throws UnusableServerError when it will never be, as the server is set up.
   */
  usable(): Promise<void>;
  counts(name: QueueName): Promise<JobCounts>;
  /** Jobs that wait for a consumer: none while an operator has paused the queue, since none may be taken then. */
  waiting(name: QueueName): Promise<number>;
  /** Whether the mark that {@link mark} left is there; when it is not, the queue was lost, and all that was in it. */
  isMarked(name: BatchQueueName): Promise<boolean>;
  /** Leaves a mark among the jobs of a queue. */
  mark(name: BatchQueueName): Promise<void>;
  close(): Promise<void>;
  /**
   * Waits no longer for a backend that is away.
   * @internal
   */
  giveUp(): void;
  /** @internal */
  queue(name: AnyQueueName): Queue;
  /** @internal */
  worker(name: QueueName, processor: Processor, options: Omit<WorkerOptions, "connection">): Worker;
}

/** Connects to the queues: on Redis when it is said where that is, otherwise on Postgres. */
export function connectQueues(options: QueueOptions): QueueConnection {
  return options.redis ? connectRedis(options.redis, options) : connectPostgres(options);
}

/**
 * Makes or upgrades BullMQ's tables, beside Fanfare's, which are made before; safe to call from many processes at once. On Redis
 * there is nothing to make. Resolves with the schema that Fanfare's tables are in, where that matters.
 *
 * @throws Error when the database can not be reached or is newer than this release.
 */
export async function migrateQueues({ databaseUrl, redis }: Pick<QueueOptions, "databaseUrl" | "redis">) {
  return redis ? undefined : migratePostgres(databaseUrl);
}
