import { type Lane, laneOf } from "@fanfare/domain";
import { type BatchQueueName, type JobOf, jobOptions, QUEUES, schemaOf } from "./catalog.js";
import type { QueueConnection } from "./connection.js";
import { BATCHES_PER_JOB_MAX } from "./jobs.js";
import { createQueueRoom, QueueFullError, type Turn } from "./queue-room.js";
import { takenInTime } from "./taken-in-time.js";

/** A batch to be enqueued. */
export interface Enqueued {
  /** UUID. */
  batchId: string;
  recipients: number;
  /** Ordinal of its first recipient in its operation, and how far back that begins. */
  depth: number;
  /** Where it belongs, unless its depth says so: one that has waited in the database for its turn. */
  lane?: Lane;
}

/** What a producer has to know. */
export interface ProducerOptions {
  /** Jobs that may wait in the queue. */
  jobsMax: number;
}

/** Enqueues batches. */
export interface Producer {
  /**
   * Resolves once a job that carries the batch is in the queue; rejects, after some seconds at most, when it could not be put
   * there, or when too many wait already: with a {@link QueueFullError} when the queue has no room for its lane.
   */
  add(batch: Enqueued): Promise<void>;
  /** Jobs of a lane, of batches whose turn it is, that the queue has room for. @throws when it does not answer. */
  free(lane: Lane): Promise<number>;
  /** Enqueues what still waits. */
  close(): Promise<void>;
}

/** Recipients that one job carries at most, unless a single batch has more. */
export const RECIPIENTS_PER_JOB = 500;

/** Jobs that one command adds at most: larger ones block the backend for long. */
const JOBS_PER_COMMAND = 200;

/** Batches that wait to be enqueued at most: what a queue that is slow does not take is left to the dispatcher. */
const WAITING_MAX = 50_000;

/**
 * So few jobs are added one by one: BullMQ's command for many makes two temporary tables in Postgres, which takes 20 ms and
 * has every connection plan its statements anew. Measured: 8.2 → 0.9 ms of Postgres for each push of a stream.
 */
const FEW_JOBS = 5;

interface Waiting extends Enqueued {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Makes a coalescing producer: with nothing under way a batch is enqueued at once, in a job of its own; batches that
 * come while a command is under way gather, and share jobs of up to 500 recipients in the next one. So a lone send
 * waits for nothing, and a thousand one-recipient sends a second take a few dozen jobs, without any timer.
 */
export function createProducer(
  connection: QueueConnection,
  queueName: BatchQueueName,
  { jobsMax }: ProducerOptions,
): Producer {
  const room = createQueueRoom(jobsMax, async () => (await connection.counts(queueName)).waiting);
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  function letIn({ lane, turn, batches }: CoalescedJob): boolean {
    if (room.free(lane, turn) > 0) {
      room.take();
      return true;
    }
    const error = new QueueFullError(`The queue ${queueName} has as many jobs as it may.`);
    for (const { reject } of batches) reject(error);
    return false;
  }

  async function flush(): Promise<void> {
    // What is added in the same turn of the event loop belongs together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const made = coalesce(waiting, QUEUES[queueName].priorityOf);
      waiting = [];
      try {
        await room.look();
        const jobs = made.filter(letIn);
        for (let start = 0; start < jobs.length; start += JOBS_PER_COMMAND) {
          await addJobs(connection, queueName, jobs.slice(start, start + JOBS_PER_COMMAND));
        }
      } catch (error) {
        // What the next commands would carry is told now, instead of after as many time limits.
        for (const { reject } of [...made.flatMap(({ batches }) => batches), ...waiting]) reject(error);
        waiting = [];
      }
    }
    flushing = undefined;
  }

  return {
    add(batch) {
      return new Promise((resolve, reject) => {
        if (waiting.length >= WAITING_MAX) {
          return reject(new Error(`${WAITING_MAX} batches wait for the queue already.`));
        }
        waiting.push({ ...batch, resolve, reject });
        flushing ??= flush();
      });
    },
    async free(lane) {
      await room.look();
      return room.free(lane, "due");
    },
    async close() {
      await flushing;
    },
  };
}

interface CoalescedJob {
  /** Of its first batch; the others have the same priority. */
  depth: number;
  lane: Lane;
  turn: Turn;
  batches: Waiting[];
}

/** Packs batches of the same priority and lane into jobs, the first priority first. */
function coalesce(batches: readonly Waiting[], priorityOf: (depth: number) => number): CoalescedJob[] {
  const jobs: CoalescedJob[] = [];
  const open = new Map<string, { job: CoalescedJob; recipients: number }>();
  for (const batch of batches) {
    const priority = priorityOf(batch.depth);
    const turn: Turn = batch.lane === undefined ? "new" : "due";
    const lane = batch.lane ?? laneOf(batch.depth);
    const key = `${turn} ${lane} ${priority}`;
    const last = open.get(key);
    const recipients = (last?.recipients ?? 0) + batch.recipients;
    if (last && recipients <= RECIPIENTS_PER_JOB && last.job.batches.length < BATCHES_PER_JOB_MAX) {
      last.job.batches.push(batch);
      last.recipients = recipients;
    } else {
      const job = { depth: batch.depth, lane, turn, batches: [batch] };
      jobs.push(job);
      open.set(key, { job, recipients: batch.recipients });
    }
  }
  return jobs.sort((one, other) => priorityOf(one.depth) - priorityOf(other.depth));
}

async function addJobs(connection: QueueConnection, queueName: BatchQueueName, jobs: CoalescedJob[]): Promise<void> {
  const queue = connection.queue(queueName);
  const made = jobs.map(({ batches, depth }) => ({
    name: queueName,
    data: schemaOf(queueName).parse({
      v: 1,
      batchIds: batches.map(({ batchId }) => batchId),
    } satisfies JobOf<BatchQueueName>),
    opts: jobOptions(queueName, depth),
  }));
  const added =
    made.length > FEW_JOBS
      ? queue.addBulk(made)
      : Promise.all(made.map(({ name, data, opts }) => queue.add(name, data, opts)));
  await takenInTime(added);
  for (const { resolve } of jobs.flatMap((job) => job.batches)) resolve();
}
