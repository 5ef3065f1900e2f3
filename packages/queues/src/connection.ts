import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import type { Job, QueueName } from "./catalog.js";

/** Where the queues live. */
export interface QueueOptions {
  /** Postgres; used when `redisUrl` is absent. */
  databaseUrl: string;
  redisUrl?: string | undefined;
  /** Prefix of the keys in Redis. On Postgres each database has its own queues. @default "fanfare" */
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

type Processor = (job: { data: Job }) => Promise<void>;

/** One process's way to the queues. Whoever connects closes it, after its producers and consumers. */
export interface QueueConnection {
  readonly backend: "postgres" | "redis";
  /** Resolves when the backend answers. */
  ping(): Promise<void>;
  counts(name: QueueName): Promise<JobCounts>;
  close(): Promise<void>;
  /** @internal */
  queue(name: QueueName): Queue;
  /** @internal */
  worker(name: QueueName, processor: Processor, options: Omit<WorkerOptions, "connection">): Worker;
}

/** The schema that BullMQ's Postgres backend keeps its tables in. */
const SCHEMA = "bullmq";

/** Enough for the queries of a few queues and one `LISTEN` connection a worker. */
const POOL_SIZE = 6;

/** How long a command to a backend that is away may take before it fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Connects to the queues: on Redis when there is a URL for it, otherwise on Postgres. */
export function connectQueues(options: QueueOptions): QueueConnection {
  return options.redisUrl ? connectRedis(options.redisUrl, options) : connectPostgres(options);
}

/**
 * Makes or upgrades BullMQ's tables; safe to call from many processes at once. On Redis there is nothing to make.
 *
 * @throws Error when the database can not be reached or is newer than this release.
 */
export async function migrateQueues({ databaseUrl, redisUrl }: Pick<QueueOptions, "databaseUrl" | "redisUrl">) {
  if (redisUrl) return;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
}

function connectPostgres({ databaseUrl, onError }: QueueOptions): QueueConnection {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    options: `-c search_path=${SCHEMA}`,
    max: POOL_SIZE,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "fanfare-queues",
  });
  pool.on("error", onError);
  // It is what BullMQ asks for; its own declaration of a pool does not hold under exactOptionalPropertyTypes.
  const connection = pool as unknown as PostgresConnectionOptions;
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  // BullMQ types a queue by its backend; what is used here is the same on both.
  const queues = createQueues((name) => new PostgresQueue(name, { connection }) as unknown as Queue, onError);
  return {
    backend: "postgres",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new PostgresWorker(name, processor, { ...workerOptions, connection }) as unknown as Worker,
    ping: async () => void (await pool.query("select 1")),
    async close() {
      await queues.close();
      await pool.end();
    },
  };
}

function connectRedis(redisUrl: string, { namespace = "fanfare", onError }: QueueOptions): QueueConnection {
  // A producer's command fails soon when Redis is away: its caller decides what then. A consumer waits for ever.
  const producing = new Redis(redisUrl, { maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS });
  const consuming = new Redis(redisUrl, { maxRetriesPerRequest: null, lazyConnect: true });
  producing.on("error", onError);
  consuming.on("error", onError);
  const prefix = namespace;
  const queues = createQueues(
    (name) => new Queue(name, { connection: producing, prefix, skipWaitingForReady: true }),
    onError,
  );
  return {
    backend: "redis",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new Worker(name, processor, { ...workerOptions, connection: consuming, prefix }),
    ping: () => pingRedis(producing),
    async close() {
      // With Redis away closing a queue waits for it to come back: the connections are cut first.
      producing.disconnect();
      consuming.disconnect();
      await queues.close();
    },
  };
}

// A Redis that is out of memory still answers PING, but takes no job.
async function pingRedis(redis: Redis): Promise<void> {
  const memory = await redis.info("memory");
  const read = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(memory)?.[1] ?? 0);
  const [used, max] = [read("used_memory"), read("maxmemory")];
  if (max > 0 && used >= max) throw new Error(`Redis is out of memory: ${used} of ${max} bytes used`);
}

function createQueues(open: (name: QueueName) => Queue, onError: (error: Error) => void) {
  const queues = new Map<QueueName, Queue>();
  const queue = (name: QueueName) => {
    let opened = queues.get(name);
    if (!opened) {
      opened = open(name);
      opened.on("error", onError);
      queues.set(name, opened);
    }
    return opened;
  };
  return {
    queue,
    async counts(name: QueueName): Promise<JobCounts> {
      const {
        waiting = 0,
        prioritized = 0,
        delayed = 0,
        active = 0,
      } = await queue(name).getJobCounts("waiting", "prioritized", "delayed", "active");
      return { waiting: waiting + prioritized + delayed, active };
    },
    async close() {
      await Promise.all([...queues.values()].map((opened) => opened.close()));
    },
  };
}
