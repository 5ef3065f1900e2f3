import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { QueueName } from "./catalog.js";
import type { QueueConnection, QueueOptions } from "./connection.js";
import { answered, createQueues } from "./open-queues.js";
import { pingRedis } from "./ping-redis.js";

/** How long a command to a backend that is away may take before it fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** How long a connection to Redis with commands that wait for an answer may be silent before it is made anew, in milliseconds. */
const PRODUCING_SILENCE_MS = 5_000;
/** The same where BullMQ has Redis wait for jobs, for 10 s at most. */
const CONSUMING_SILENCE_MS = 30_000;

/** Connects to the queues on Redis. */
export function connectRedis(redisUrl: string, { namespace = "fanfare", onError }: QueueOptions): QueueConnection {
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
    usable: async () => void (await queues.counts("fanout")),
    giveUp: () => undefined,
    async close() {
      // With Redis away closing a queue waits for it to come back: the connections are cut first.
      producing.disconnect();
      consuming.disconnect();
      await queues.close();
    },
  };
}
