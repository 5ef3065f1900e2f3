import { Queue, Worker } from "bullmq";
import { type AnyQueueName, READINESS } from "./catalog.js";
import { checkMemory } from "./check-memory.js";
import type { QueueConnection, QueueOptions } from "./connection.js";
import { explained } from "./not-permitted.js";
import { answered, createQueues } from "./open-queues.js";
import { openRedis } from "./open-redis.js";
import { patient } from "./patient-worker.js";
import { queueKind } from "./queue-errors.js";
import type { RedisPlace } from "./redis-place.js";
import { requireDatabase } from "./require-database.js";
import { tellRedisErrors } from "./tell-redis-errors.js";

/** How long a command to a backend that is away may take before it fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** How long a connection to Redis with commands that wait for an answer may be silent before it is made anew, in milliseconds. */
const PRODUCING_SILENCE_MS = 5_000;
/** The same where BullMQ has Redis wait for jobs, for 10 s at most. */
const CONSUMING_SILENCE_MS = 15_000;

/** How long Redis waits, in seconds, when it is only asked whether it would. */
const BRIEFLY = 0.1;

/** What ioredis says of a command that it has given up: of itself alone. */
const SAYS_NOTHING = /^Reached the max retries per request/;

const RedisWorker = patient(Worker);

/** Connects to the queues on Redis, or on a cluster of it. */
export function connectRedis(place: RedisPlace, { namespace = "fanfare", onError }: QueueOptions): QueueConnection {
  // A producer's command fails soon when Redis is away: its caller decides what then. A consumer waits for ever.
  const producing = openRedis(place, {
    ...{ maxRetriesPerRequest: 1, connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: PRODUCING_SILENCE_MS },
  });
  const consuming = openRedis(place, {
    ...{ maxRetriesPerRequest: null, lazyConnect: true, socketTimeout: CONSUMING_SILENCE_MS },
  });
  let lastError: Error | undefined;
  for (const redis of [producing, consuming]) {
    tellRedisErrors(redis, (error) => {
      lastError = error;
      onError(error);
    });
    redis.on("ready", () => {
      lastError = undefined;
    });
  }
  // A cluster keeps together what has the same words in braces: a command of BullMQ's is about many keys.
  const prefix = "url" in place ? namespace : `{${namespace}}`;
  const open = (name: AnyQueueName) => new Queue(name, { connection: producing, prefix, skipWaitingForReady: true });
  // Of a Redis that said nothing for long it waits for an answer that ioredis has forgotten.
  const queues = createQueues(open, { onError, begun: (opened) => answered(opened.waitUntilReady()) });
  const marker = `${prefix}:${READINESS.queue}:marker`;
  // Why nobody answers is known to the connection.
  const sayWhy = (error: unknown): never => {
    throw queueKind(error) === "unreachable" ? (lastError ?? error) : error;
  };
  const tryMemoryAndJob = async () => {
    await answered(checkMemory(producing, marker));
    await queues.ping();
  };
  const ping = () =>
    tryMemoryAndJob().catch((error: unknown) => {
      throw lastError && error instanceof Error && SAYS_NOTHING.test(error.message) ? lastError : error;
    });
  const tryAll = async () => {
    if ("url" in place) await requireDatabase(producing, place.url);
    // Twice: ioredis sends a script whole the first time, and by its hash later.
    await queues.ping();
    await ping();
    await answered(producing.bzpopmin(marker, BRIEFLY));
  };
  return {
    backend: "redis",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new RedisWorker(name, processor, { ...workerOptions, connection: consuming, prefix }),
    ping,
    usable: () => explained(tryAll().catch(sayWhy)),
    giveUp: () => undefined,
    async close() {
      // With Redis away closing a queue waits for it to come back: the connections are cut first.
      producing.disconnect();
      consuming.disconnect();
      await queues.close();
    },
  };
}
