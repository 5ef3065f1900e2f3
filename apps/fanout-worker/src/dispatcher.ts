import {
  AGAIN_MAX_MS,
  cancelUnheldBatches,
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  type Db,
  type DispatchWork,
  type DueBatch,
  type DueOptions,
  findCanceling,
  findDispatchWork,
  isDatabaseUnavailable,
  makeDeliveryBatchesDue,
  makeRecipientBatchesDue,
  millisecondsToNextSchedule,
  startScheduledOperations,
} from "@fanfare/db";
import { PROVIDERS, type Provider } from "@fanfare/domain";
import type { JobCounts, Producer } from "@fanfare/queues";

/** A queue, as the dispatcher sees it. */
export interface DispatchQueue {
  producer: Producer;
  counts(): Promise<JobCounts>;
  /** Whether the mark that a dispatcher left in it is there: when it is not, the queue was lost. */
  isMarked(): Promise<boolean>;
  mark(): Promise<void>;
}

/** What the dispatcher is made of. */
export interface DispatcherOptions {
  db: Db;
  fanOut: DispatchQueue;
  delivery: Readonly<Record<Provider, DispatchQueue>>;
  /** Pause between two sweeps, in milliseconds; shorter when a scheduled operation is due before. */
  intervalMs: number;
  onError: (error: unknown) => void;
}

/** Batches that one statement claims, and how many such claims one sweep makes of each kind. */
const CLAIM_LIMIT = 1_000;
const CLAIMS_PER_SWEEP = 20;

/** How long a batch that was enqueued may wait in a busy queue before it is enqueued once more, in milliseconds. */
const AGAIN_MS = 60_000;

/** So much longer for each job that waits, or a long queue would fill with what is in it already. */
const AGAIN_PER_JOB_MS = 20;

/** Between two sweeps, though an operation that is due is still locked by another dispatcher, in milliseconds. */
const MIN_PAUSE_MS = 20;

/** Operations that one sweep starts or cancels. */
const OPERATIONS_LIMIT = 100;

const ALL_WORK: DispatchWork = { canceling: true, scheduled: true, recipientBatches: true, deliveryBatches: true };

/**
 * Enqueues what is due and neither leased nor fanned out: batches whose first enqueueing failed, retries whose time has
 * come, batches of workers that died, and everything when the queue was lost; before that it starts operations whose
 * time has come and cancels what is left of those that are to be canceled. Any number may run. Enqueueing twice is
 * harmless: the second job finds the batch leased or gone.
 */
export function startDispatcher(options: DispatcherOptions): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const run = (findWork: () => Promise<DispatchWork>) => {
    sweeping = findWork()
      .then((work) => sweep(options, work))
      .catch((error: unknown) => {
        options.onError(error);
        return options.intervalMs;
      })
      .then((pauseMs) => {
        if (!stopped) timer = setTimeout(run, pauseMs, () => findDispatchWork(options.db));
      });
  };
  // The first one looks at everything: it leaves its mark in queues that are new.
  run(async () => ALL_WORK);

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}

/** Returns how long to pause until the next one, in milliseconds. */
async function sweep(options: DispatcherOptions, work: DispatchWork): Promise<number> {
  const { db, fanOut, delivery, intervalMs, onError } = options;
  // One step that fails keeps no other one from being made, unless there is no database to make it on.
  const attempt = (step: Promise<unknown>) =>
    step.catch((error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error;
      onError(error);
    });
  if (work.canceling) {
    for (const id of await findCanceling(db, OPERATIONS_LIMIT)) await attempt(cancelUnheldBatches(db, id));
  }
  if (work.scheduled) await attempt(startScheduledOperations(db, OPERATIONS_LIMIT));
  if (work.recipientBatches || work.scheduled) {
    await attempt(
      enqueueDue(fanOut, {
        claim: (due) => claimDueRecipientBatches(db, due),
        makeAllDue: () => makeRecipientBatchesDue(db),
      }),
    );
  }
  if (work.deliveryBatches) {
    for (const provider of PROVIDERS) {
      await attempt(
        enqueueDue(delivery[provider], {
          claim: (due) => claimDueDeliveryBatches(db, provider, due),
          makeAllDue: () => makeDeliveryBatchesDue(db, provider),
        }),
      );
    }
  }
  const nextMs = work.scheduled ? await millisecondsToNextSchedule(db) : undefined;
  return Math.min(intervalMs, Math.max(MIN_PAUSE_MS, Math.ceil(nextMs ?? intervalMs)));
}

interface DueSource {
  claim(options: DueOptions): Promise<DueBatch[]>;
  makeAllDue(): Promise<unknown>;
}

async function enqueueDue(queue: DispatchQueue, { claim, makeAllDue }: DueSource): Promise<void> {
  const wasLost = !(await queue.isMarked());
  const { waiting, active } = await queue.counts();
  if (wasLost) {
    // In this order: a dispatcher that dies in between leaves it to the next one.
    await makeAllDue();
    await queue.mark();
  }
  const againMs = Math.min(AGAIN_MS + waiting * AGAIN_PER_JOB_MS, AGAIN_MAX_MS);
  let queueIsEmpty = waiting + active === 0;
  for (let claims = 0; claims < CLAIMS_PER_SWEEP; claims++) {
    const batches = await claim({ limit: CLAIM_LIMIT, againMs, queueIsEmpty });
    await Promise.all(
      batches.map(({ id, recipients, depth }) => queue.producer.add({ batchId: id, recipients, depth })),
    );
    if (batches.length < CLAIM_LIMIT) return;
    queueIsEmpty = false;
  }
}
