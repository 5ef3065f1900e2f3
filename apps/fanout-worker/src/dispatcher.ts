import {
  cancelUnheldBatches,
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  type Db,
  type DispatchWork,
  findCanceling,
  findDispatchWork,
  isDatabaseUnavailable,
  logCompleted,
  makeDeliveryBatchesDue,
  makeRecipientBatchesDue,
  millisecondsToNextSchedule,
  returnDeliveryBatches,
  returnRecipientBatches,
  startScheduledOperations,
} from "@fanfare/db";
import { type PerProvider, PROVIDERS, type Provider, perProvider } from "@fanfare/domain";
import { createEnqueueDue, type DispatchQueue, type EnqueueDue } from "./enqueue-due.js";

/** What the dispatcher is made of. */
export interface DispatcherOptions {
  db: Db;
  fanOut: DispatchQueue;
  delivery: Readonly<PerProvider<DispatchQueue>>;
  /** Pause between two sweeps, in milliseconds; shorter when a scheduled operation is due before. */
  intervalMs: number;
  log: { info(fields: object, message: string): void };
  onError: (error: unknown) => void;
}

/** Between two sweeps, though an operation that is due is still locked by another dispatcher, in milliseconds. */
const MIN_PAUSE_MS = 20;

/** Operations that one sweep starts or cancels. */
const OPERATIONS_LIMIT = 100;

const ALL_WORK: DispatchWork = {
  ...{ canceling: true, scheduled: true, recipientBatches: true },
  deliveryBatches: perProvider(() => true),
};

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
  const enqueue = enqueuersOf(options);

  const run = (findWork: () => Promise<DispatchWork>) => {
    sweeping = findWork()
      .then((work) => sweep(options, enqueue, work))
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

interface Enqueuers {
  recipient: EnqueueDue;
  delivery: PerProvider<EnqueueDue>;
}

function enqueuersOf({ db, fanOut, delivery }: DispatcherOptions): Enqueuers {
  const ofProvider = (provider: Provider) =>
    createEnqueueDue(delivery[provider], {
      claim: (due) => claimDueDeliveryBatches(db, provider, due),
      giveBack: (left) => returnDeliveryBatches(db, left),
      makeAllDue: () => makeDeliveryBatchesDue(db, provider),
    });
  return {
    recipient: createEnqueueDue(fanOut, {
      claim: (due) => claimDueRecipientBatches(db, due),
      giveBack: (left) => returnRecipientBatches(db, left),
      makeAllDue: () => makeRecipientBatchesDue(db),
    }),
    delivery: perProvider(ofProvider),
  };
}

/** Returns how long to pause until the next one, in milliseconds. */
async function sweep(options: DispatcherOptions, enqueue: Enqueuers, work: DispatchWork): Promise<number> {
  const { db, intervalMs, log, onError } = options;
  // One step that fails keeps no other one from being made, unless there is no database to make it on.
  const attempt = (step: Promise<unknown>) =>
    step.catch((error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error;
      onError(error);
    });
  if (work.canceling) {
    const onCompleted = logCompleted(log);
    for (const id of await findCanceling(db, OPERATIONS_LIMIT)) await attempt(cancelUnheldBatches(db, id, onCompleted));
  }
  if (work.scheduled) await attempt(startScheduledOperations(db, OPERATIONS_LIMIT));
  if (work.recipientBatches || work.scheduled) await attempt(enqueue.recipient());
  for (const provider of PROVIDERS) {
    if (work.deliveryBatches[provider]) await attempt(enqueue.delivery[provider]());
  }
  const nextMs = work.scheduled ? await millisecondsToNextSchedule(db) : undefined;
  return Math.min(intervalMs, Math.max(MIN_PAUSE_MS, Math.ceil(nextMs ?? intervalMs)));
}
