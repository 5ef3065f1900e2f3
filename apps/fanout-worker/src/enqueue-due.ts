import { AGAIN_MAX_MS, type DueBatch, type DueOptions, type LeftBatch } from "@fanfare/db";
import { LANES, type Lane } from "@fanfare/domain";
import { type JobCounts, type Producer, QueueFullError } from "@fanfare/queues";

/** A queue, as the dispatcher sees it. */
export interface DispatchQueue {
  producer: Producer;
  counts(): Promise<JobCounts>;
  /** Whether the mark that a dispatcher left in it is there: when it is not, the queue was lost. */
  isMarked(): Promise<boolean>;
  mark(): Promise<void>;
}

/** The batches of a queue, in the database. */
export interface DueSource {
  claim(options: DueOptions): Promise<DueBatch[]>;
  /** Makes what was claimed, and could not be enqueued, due again. */
  giveBack(left: readonly LeftBatch[]): Promise<void>;
  makeAllDue(): Promise<unknown>;
}

/** Enqueues what is due. Rejects when that was not possible; what it had claimed is due again then. */
export type EnqueueDue = () => Promise<void>;

/** Batches that one statement claims, and how many such claims one sweep makes of each kind and lane. */
const CLAIM_LIMIT = 1_000;
const CLAIMS_PER_SWEEP = 20;

/** How long a batch that was enqueued may wait in a busy queue before it is enqueued once more, in milliseconds. */
const AGAIN_MS = 60_000;

/** So much longer for each job that waits, or a long queue would fill with what is in it already. */
const AGAIN_PER_JOB_MS = 20;

/** Makes {@link EnqueueDue} for one queue. */
export function createEnqueueDue(queue: DispatchQueue, { claim, giveBack, makeAllDue }: DueSource): EnqueueDue {
  /** What was claimed and not enqueued: a claim that is kept would leave it alone for a minute and more. */
  let kept: readonly DueBatch[] = [];
  let queueIsEmpty = false;

  async function giveBackKept(): Promise<void> {
    if (kept.length === 0) return;
    await giveBack(kept);
    kept = [];
  }

  /** Resolves with whether the queue had room for all of them. */
  async function enqueue(batches: readonly DueBatch[]): Promise<boolean> {
    const added = await Promise.allSettled(
      batches.map(({ id, lane, recipients, depth }) => queue.producer.add({ batchId: id, lane, recipients, depth })),
    );
    kept = batches.filter((_batch, index) => added[index]?.status === "rejected");
    const failures = added.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    await giveBackKept();
    for (const failure of failures) if (!(failure instanceof QueueFullError)) throw failure;
    return failures.length === 0;
  }

  /** Tops the queue up with what is due of a lane: a batch takes a job at most. */
  async function topUp(lane: Lane, againMs: number): Promise<void> {
    for (let claims = 0; claims < CLAIMS_PER_SWEEP; claims++) {
      const limit = Math.min(CLAIM_LIMIT, await queue.producer.free(lane));
      if (limit === 0) return;
      const batches = await claim({ lane, limit, againMs, queueIsEmpty });
      if (batches.length > 0) queueIsEmpty = false;
      if (!(await enqueue(batches)) || batches.length < limit) return;
    }
  }

  return async () => {
    // The database may have been away as well.
    await giveBackKept();
    const wasLost = !(await queue.isMarked());
    const { waiting, active } = await queue.counts();
    if (wasLost) {
      // In this order: a dispatcher that dies in between leaves it to the next one.
      await makeAllDue();
      await queue.mark();
    }
    const againMs = Math.min(AGAIN_MS + waiting * AGAIN_PER_JOB_MS, AGAIN_MAX_MS);
    queueIsEmpty = waiting + active === 0;
    for (const lane of LANES) await topUp(lane, againMs);
  };
}
