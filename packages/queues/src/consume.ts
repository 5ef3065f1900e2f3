import { setTimeout } from "node:timers/promises";
import { UnrecoverableError } from "bullmq";
import { type JobOf, type QueueName, schemaOf } from "./catalog.js";
import type { QueueConnection } from "./connection.js";
import { within } from "./within.js";

/** How a queue is consumed. */
export interface ConsumeOptions {
  /** Jobs worked on at once. */
  concurrency: number;
  /** Told of jobs that failed and of connection errors. */
  onError: (error: Error) => void;
  /** Told that it can not begin, and never will: its process is to be started anew. */
  onBroken: (error: unknown) => void;
}

/** A consumer of one queue. */
export interface Consumer {
  /** Jobs that were begun so far. */
  begun(): number;
  /** Jobs that were finished so far; those that failed are not among them. */
  finished(): number;
  /** Jobs that it could begin beside those in hand. */
  free(): number;
  /** Takes no more jobs and resolves when the active ones are finished. Has no deadline of its own. */
  stop(): Promise<void>;
}

/** A job whose worker has not renewed it for so long is given to another one, in milliseconds. */
const LOCK_MS = 30_000;

/** How long a queue may take, once all work is done, to hear of it and to say goodbye, in milliseconds. */
const GOODBYE_MS = 4_000;

/** How long a consumer on Redis may take to begin, in milliseconds: longer than a connection may be silent. */
const BEGIN_MS = 40_000;

/** How long after a backend went away a consumer asks it again, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Consumes a queue. A job whose handler throws has failed, and the queue does not try it again: which batches are due is known to
 * Postgres alone, and the dispatcher enqueues them again; whoever asked for a check has stopped waiting.
 */
export function consume<Name extends QueueName>(
  connection: QueueConnection,
  queueName: Name,
  handler: (job: JobOf<Name>) => Promise<void>,
  { concurrency, onError, onBroken }: ConsumeOptions,
): Consumer {
  const schema = schemaOf(queueName);
  let begun = 0;
  let finished = 0;
  let stopping = false;
  const working = new Set<Promise<void>>();
  const worker = connection.worker(
    queueName,
    async ({ data }) => {
      begun++;
      const job = schema.safeParse(data);
      if (!job.success) throw new UnrecoverableError(`The job is not of a known form: ${job.error.message}`);
      const work = handler(job.data).finally(() => working.delete(work));
      working.add(work);
      await work;
      finished++;
    },
    {
      ...{ concurrency, lockDuration: LOCK_MS, stalledInterval: LOCK_MS, maxStalledCount: 1 },
      runRetryDelay: RETRY_MS,
    },
  );
  worker.on("error", onError);
  worker.on("failed", (_job, error) => onError(error));
  // One whose beginning failed remembers that for ever, and takes no job any more; one that met a Redis that says nothing may wait
  // for an answer that ioredis has forgotten: better a new process.
  const ready = worker.waitUntilReady();
  const inTime =
    connection.backend === "redis" ? within(ready, BEGIN_MS, `The consumer of ${queueName} did not begin.`) : ready;
  inTime.catch((error: unknown) => {
    if (!stopping) onBroken(error);
  });
  // A queue that is halted or cut off has its worker wait for an answer: what counts is the work.
  const allWorkDone = async () => {
    await Promise.allSettled(working);
    await setTimeout(GOODBYE_MS, undefined, { ref: false });
  };
  return {
    begun: () => begun,
    finished: () => finished,
    free: () => concurrency - working.size,
    stop() {
      stopping = true;
      connection.giveUp();
      return Promise.race([worker.close(), allWorkDone()]);
    },
  };
}
