import type { RetryPolicy } from "@fanfare/domain";
import { createBatchRun } from "./batch-run.js";
import { createLeaseKeeper } from "./lease-keeper.js";
import type { DeliveryStore, PushClient } from "./ports.js";
import { createRecorder } from "./recorder.js";
import { createSendWindow } from "./send-window.js";

/** What a delivery worker is made of. */
export interface DelivererOptions {
  store: DeliveryStore;
  client: PushClient;
  retryPolicy: RetryPolicy;
  /** How long a lease lasts, in milliseconds; it must be the same as the store's. */
  leaseMs: number;
  /** Lines between their sending and their recording, of all batches together. @default 2,000 */
  windowSize?: number;
  /** Told of errors of the database; what they kept from being done is done again. */
  onError: (error: unknown) => void;
  /** Source of jitter. @default Math.random */
  random?: () => number;
}

/** Delivers batches: lease → plan → send → record → give back. */
export interface Deliverer {
  /**
   * Delivers those of the batches that are due and that nobody else holds. Resolves when every line that it sent is
   * on record. Once `signal` is aborted nothing more is sent, what is in flight is awaited, and the rest is given back.
   */
  deliver(batchIds: readonly string[], signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Builds the delivery loop of one worker process. Whoever builds it closes it, after its last `deliver` has settled. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { store, onError, leaseMs, windowSize = 2_000, random = Math.random } = options;
  const keeper = createLeaseKeeper(store, { leaseMs, onError });
  const run = createBatchRun({
    client: options.client,
    store,
    retryPolicy: options.retryPolicy,
    recorder: createRecorder(store, { onError }),
    window: createSendWindow(windowSize),
    random,
  });
  return {
    async deliver(batchIds, signal) {
      const batches = await keeper.lease(batchIds);
      const runs = batches.map((held) => run(held, signal).finally(() => keeper.forget(held)));
      const failures = (await Promise.allSettled(runs)).filter(({ status }) => status === "rejected");
      if (failures.length > 0)
        throw new AggregateError(failures.map((failure) => (failure as PromiseRejectedResult).reason));
    },
    close: () => keeper.close(),
  };
}
