import { UnrecoverableError } from "bullmq";
import { jobSchema, type QueueName } from "./catalog.js";
import type { QueueConnection } from "./connection.js";

/** Works on the batches of one job. */
export type BatchHandler = (batchIds: readonly string[]) => Promise<void>;

/** How a queue is consumed. */
export interface ConsumeOptions {
  /** Jobs worked on at once. */
  concurrency: number;
  /** Told of jobs that failed and of connection errors. */
  onError: (error: Error) => void;
}

/** A consumer of one queue. */
export interface Consumer {
  /** Takes no more jobs and resolves when the active ones are finished. Has no deadline of its own. */
  stop(): Promise<void>;
}

/** A job whose worker has not renewed it for so long is given to another one, in milliseconds. */
const LOCK_MS = 30_000;

/**
 * Consumes a queue. A job whose handler throws has failed, and the queue does not try it again: which batches are due
 * is known to Postgres alone, and the dispatcher enqueues them again.
 */
export function consume(
  connection: QueueConnection,
  queueName: QueueName,
  handler: BatchHandler,
  { concurrency, onError }: ConsumeOptions,
): Consumer {
  const worker = connection.worker(
    queueName,
    async ({ data }) => {
      const job = jobSchema.safeParse(data);
      if (!job.success) throw new UnrecoverableError(`The job is not of a known form: ${job.error.message}`);
      await handler(job.data.batchIds);
    },
    { concurrency, lockDuration: LOCK_MS, stalledInterval: LOCK_MS, maxStalledCount: 1 },
  );
  worker.on("error", onError);
  worker.on("failed", (_job, error) => onError(error));
  return { stop: () => worker.close() };
}
