import { BATCHES_PER_JOB_MAX, type Job, jobSchema, priorityForDepth, type QueueName, RETENTION } from "./catalog.js";
import type { QueueConnection } from "./connection.js";

/** A batch to be enqueued. */
export interface Enqueued {
  /** UUID. */
  batchId: string;
  recipients: number;
  /** Ordinal of its first recipient in its operation. */
  depth: number;
}

/** Enqueues batches. */
export interface Producer {
  /** Resolves once a job that carries the batch is in the queue; rejects when it could not be put there. */
  add(batch: Enqueued): Promise<void>;
  /** Enqueues what still waits. */
  close(): Promise<void>;
}

/** Recipients that one job carries at most, unless a single batch has more. */
export const RECIPIENTS_PER_JOB = 500;

/** Jobs that one command adds at most: larger ones block the backend for long. */
const JOBS_PER_COMMAND = 200;

/** How long a queue may take to add jobs before its callers are told that it did not, in milliseconds. */
const ADD_TIMEOUT_MS = 3_000;

interface Waiting extends Enqueued {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Makes a coalescing producer: with nothing under way a batch is enqueued at once, in a job of its own; batches that
 * come while a command is under way gather, and share jobs of up to 500 recipients in the next one. So a lone send
 * waits for nothing, and a thousand one-recipient sends a second take a few dozen jobs, without any timer.
 */
export function createProducer(connection: QueueConnection, queueName: QueueName): Producer {
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    // What is added in the same turn of the event loop belongs together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const jobs = coalesce(waiting);
      waiting = [];
      for (let start = 0; start < jobs.length; start += JOBS_PER_COMMAND) {
        await addJobs(connection, queueName, jobs.slice(start, start + JOBS_PER_COMMAND));
      }
    }
    flushing = undefined;
  }

  return {
    add(batch) {
      return new Promise((resolve, reject) => {
        waiting.push({ ...batch, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      await flushing;
    },
  };
}

interface CoalescedJob {
  priority: number;
  batches: Waiting[];
}

/** Packs batches of the same priority into jobs, in their order. */
function coalesce(batches: readonly Waiting[]): CoalescedJob[] {
  const jobs: CoalescedJob[] = [];
  const open = new Map<number, { job: CoalescedJob; recipients: number }>();
  for (const batch of batches) {
    const priority = priorityForDepth(batch.depth);
    const last = open.get(priority);
    const recipients = (last?.recipients ?? 0) + batch.recipients;
    if (last && recipients <= RECIPIENTS_PER_JOB && last.job.batches.length < BATCHES_PER_JOB_MAX) {
      last.job.batches.push(batch);
      last.recipients = recipients;
    } else {
      const job = { priority, batches: [batch] };
      jobs.push(job);
      open.set(priority, { job, recipients: batch.recipients });
    }
  }
  return jobs;
}

async function addJobs(connection: QueueConnection, queueName: QueueName, jobs: CoalescedJob[]): Promise<void> {
  const batches = jobs.flatMap((job) => job.batches);
  try {
    const added = connection.queue(queueName).addBulk(
      jobs.map((job) => ({
        name: queueName,
        data: jobSchema.parse({ v: 1, batchIds: job.batches.map(({ batchId }) => batchId) } satisfies Job),
        opts: {
          priority: job.priority,
          attempts: 1,
          removeOnComplete: RETENTION.completed,
          removeOnFail: RETENTION.failed,
        },
      })),
    );
    await within(added, ADD_TIMEOUT_MS);
    for (const { resolve } of batches) resolve();
  } catch (error) {
    for (const { reject } of batches) reject(error);
  }
}

/** What comes after the time is up is let be: a job that was added after all is harmless. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The queue did not take the jobs within ${ms} ms.`)), ms);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
