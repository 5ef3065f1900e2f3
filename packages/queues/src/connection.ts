import { setTimeout } from "node:timers/promises";
import { withClient } from "@fanfare/postgres";
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
import { type BatchQueueName, MARK, type QueueName } from "./catalog.js";
import { PatientPool } from "./patient-pool.js";
import { within } from "./within.js";

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

type Processor = (job: { data: unknown }) => Promise<void>;

/** One process's way to the queues. Whoever connects closes it, after its producers and consumers. */
export interface QueueConnection {
  readonly backend: "postgres" | "redis";
  /** Resolves when the backend answers. */
  ping(): Promise<void>;
  counts(name: QueueName): Promise<JobCounts>;
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

/** How long a question may go without an answer, in milliseconds: whoever asks does it again later. */
const ANSWER_TIMEOUT_MS = 3_000;

/** How long a connection to Redis with commands that wait for an answer may be silent before it is made anew, in milliseconds. */
const PRODUCING_SILENCE_MS = 5_000;
/** The same where BullMQ has Redis wait for jobs, for 10 s at most. */
const CONSUMING_SILENCE_MS = 30_000;

/** How long Postgres may take to say goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

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
  await withClient(databaseUrl, "fanfare-migrate-queues", (client) => runMigrations(client, SCHEMA));
}

function connectPostgres({ databaseUrl, onError }: QueueOptions): QueueConnection {
  const pool = new PatientPool({
    connectionString: databaseUrl,
    options: `-c search_path=${SCHEMA}`,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "fanfare-queues",
  });
  pool.on("error", onError);
  // It is what BullMQ asks for; its own declaration of a pool does not hold under exactOptionalPropertyTypes.
  const connection = pool as unknown as PostgresConnectionOptions;
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  // BullMQ types a queue by its backend; what is used here is the same on both.
  // Its beginning waits for a connection in the end: it is not to be begun anew meanwhile.
  const open = (name: QueueName) => new PostgresQueue(name, { connection }) as unknown as Queue;
  const queues = createQueues(open, { onError, begun: (opened) => opened.waitUntilReady() });
  return {
    backend: "postgres",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new PostgresWorker(name, processor, { ...workerOptions, connection }) as unknown as Worker,
    ping: async () => void (await pool.query("select 1")),
    giveUp: () => pool.giveUp(),
    async close() {
      pool.giveUp();
      // One that is halted or cut off never says goodbye: its connections are let be then, for they end with the process.
      const late = setTimeout(GOODBYE_MS, undefined, { ref: false });
      await Promise.race([queues.close().then(() => pool.end()), late]);
    },
  };
}

function connectRedis(redisUrl: string, { namespace = "fanfare", onError }: QueueOptions): QueueConnection {
  // A producer's command fails soon when Redis is away: its caller decides what then. A consumer waits for ever.
  const producing = new Redis(redisUrl, {
    ...{ maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: PRODUCING_SILENCE_MS },
  });
  const consuming = new Redis(redisUrl, {
    ...{ maxRetriesPerRequest: null, lazyConnect: true, socketTimeout: CONSUMING_SILENCE_MS },
  });
  producing.on("error", onError);
  consuming.on("error", onError);
  const prefix = namespace;
  const open = (name: QueueName) => new Queue(name, { connection: producing, prefix, skipWaitingForReady: true });
  // Of a Redis that said nothing for long it waits for an answer that ioredis has forgotten.
  const queues = createQueues(open, { onError, begun: (opened) => answered(opened.waitUntilReady()) });
  return {
    backend: "redis",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new Worker(name, processor, { ...workerOptions, connection: consuming, prefix }),
    ping: () => pingRedis(producing),
    giveUp: () => undefined,
    async close() {
      // With Redis away closing a queue waits for it to come back: the connections are cut first.
      producing.disconnect();
      consuming.disconnect();
      await queues.close();
    },
  };
}

/**
 * A Redis that is out of memory still answers PING, but takes no job; one that makes room by evicting any key it likes loses
 * jobs without a word. `INFO` tells of both, where CONFIG may be forbidden.
 */
async function pingRedis(redis: Redis): Promise<void> {
  const memory = await redis.info("memory");
  const read = (field: string) => new RegExp(`^${field}:(\\S+)`, "m").exec(memory)?.[1] ?? "";
  const [used, max, policy] = [Number(read("used_memory")), Number(read("maxmemory")), read("maxmemory_policy")];
  if (max > 0 && policy.startsWith("allkeys-")) {
    throw new Error(`Redis evicts jobs: its maxmemory-policy is ${policy}, and must be noeviction`);
  }
  if (max > 0 && used >= max) throw new Error(`Redis is out of memory: ${used} of ${max} bytes used`);
}

const answered = <Answer>(asked: Promise<Answer>) =>
  within(asked, ANSWER_TIMEOUT_MS, `The queue did not answer within ${ANSWER_TIMEOUT_MS} ms.`);

interface QueuesOptions {
  onError: (error: Error) => void;
  /** Rejects when a queue that was opened will never be usable. */
  begun: (opened: Queue) => Promise<unknown>;
}

function createQueues(open: (name: QueueName) => Queue, { onError, begun }: QueuesOptions) {
  const queues = new Map<QueueName, Queue>();
  const queue = (name: QueueName) => {
    let opened = queues.get(name);
    if (!opened) {
      opened = open(name);
      opened.on("error", onError);
      queues.set(name, opened);
      dropUnlessBegun(name, opened);
    }
    return opened;
  };
  /**
   * One whose beginning failed remembers that for ever; why, is told to those who ask something of it. Closed, it listens no more
   * to the connection that all share.
   */
  const dropUnlessBegun = (name: QueueName, opened: Queue) =>
    void begun(opened)
      .catch(() => {
        queues.delete(name);
        return opened.close();
      })
      .catch(onError);
  return {
    queue,
    async counts(name: QueueName): Promise<JobCounts> {
      const counts = await answered(queue(name).getJobCounts("waiting", "prioritized", "active"));
      const { waiting = 0, prioritized = 0, active = 0 } = counts;
      return { waiting: waiting + prioritized, active };
    },
    isMarked: async (name: BatchQueueName) => (await answered(queue(name).getJob(MARK.jobId))) !== undefined,
    mark: async (name: BatchQueueName) => void (await answered(queue(name).add(MARK.jobId, MARK.data, MARK.options))),
    async close() {
      await Promise.all([...queues.values()].map((opened) => opened.close()));
    },
  };
}
