import { claimDueDeliveryBatches, claimDueRecipientBatches, type Db, type DueBatch } from "@fanfare/db";
import { PROVIDERS, type Provider } from "@fanfare/domain";
import type { Producer } from "@fanfare/queues";

/** A queue, as the dispatcher sees it. */
export interface DispatchQueue {
  producer: Producer;
  /** Whether no job waits in it or is worked on. */
  isEmpty(): Promise<boolean>;
}

/** What the dispatcher is made of. */
export interface DispatcherOptions {
  db: Db;
  fanOut: DispatchQueue;
  delivery: Readonly<Record<Provider, DispatchQueue>>;
  /** Pause between two sweeps, in milliseconds. */
  intervalMs: number;
  onError: (error: unknown) => void;
}

/** Batches that one sweep takes of each kind. */
const SWEEP_LIMIT = 1_000;

/** How long a batch that was enqueued may wait in a busy queue before it is enqueued once more, in milliseconds. */
const AGAIN_MS = 60_000;

/**
 * Enqueues what is due and neither leased nor fanned out: batches whose first enqueueing failed, retries whose time has
 * come, batches of workers that died, and everything when the queue was lost. Any number may run. Enqueueing twice is
 * harmless: the second job finds the batch leased or gone.
 */
export function startDispatcher(options: DispatcherOptions): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const schedule = () => {
    if (!stopped) timer = setTimeout(run, options.intervalMs);
  };
  const run = () => {
    sweeping = sweep(options).catch(options.onError).finally(schedule);
  };
  run();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}

async function sweep({ db, fanOut, delivery }: DispatcherOptions): Promise<void> {
  await enqueueDue(fanOut, (queueIsEmpty) =>
    claimDueRecipientBatches(db, { limit: SWEEP_LIMIT, againMs: AGAIN_MS, queueIsEmpty }),
  );
  for (const provider of PROVIDERS) {
    await enqueueDue(delivery[provider], (queueIsEmpty) =>
      claimDueDeliveryBatches(db, provider, { limit: SWEEP_LIMIT, againMs: AGAIN_MS, queueIsEmpty }),
    );
  }
}

async function enqueueDue(queue: DispatchQueue, claim: (queueIsEmpty: boolean) => Promise<DueBatch[]>): Promise<void> {
  const batches = await claim(await queue.isEmpty());
  await Promise.all(
    batches.map(({ id, recipients, firstOrdinal }) =>
      queue.producer.add({ batchId: id, recipients, depth: firstOrdinal }),
    ),
  );
}
