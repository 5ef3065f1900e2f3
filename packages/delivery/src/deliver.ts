import type { LeasedBatch, RetryPolicy } from "@fanfare/domain";
import { type BatchRunOptions, createBatchRun } from "./batch-run.js";
import { createCallLedger } from "./call-ledger.js";
import { createLeaseKeeper, type HeldBatch } from "./lease-keeper.js";
import type { ClientFor, DeliveryStore } from "./ports.js";
import { createRecorder } from "./recorder.js";
import { createSendWindow } from "./send-window.js";
import { type ConvictedBatch, createSuspectRun } from "./suspect-run.js";

/** What a delivery worker is made of. */
export interface DelivererOptions {
  store: DeliveryStore;
  clientFor: ClientFor;
  retryPolicy: RetryPolicy;
  /** How long a lease lasts, in milliseconds; it must be the same as the store's. */
  leaseMs: number;
  /** Lines between their sending and their recording, of all batches together; of one credential two thirds. @default 3,000 */
  windowSize?: number;
  /** Without any answer for so long a credential stalls, in milliseconds: what it has no room for is given back. @default 2,000 */
  stalledAfterMs?: number;
  /** Told of errors of the database; what they kept from being done is done again. */
  onError: (error: unknown) => void;
  /** Told of each batch that is split, or fails, because the workers that have it die. */
  onConvicted?: (batch: ConvictedBatch) => void;
  /** Told of each batch that somebody else took over, since its lease was not prolonged in time. */
  onLeaseLost?: (batch: LeasedBatch) => void;
  /** Told of each batch that has something to be sent and no credential to send it with. */
  onNoCredential?: (batch: LeasedBatch) => void;
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
  /**
   * The same, but resolves once no line of them waits for its turn to be sent any more: who waits for an answer keeps
   * nobody from beginning the next batches. Rejects when they could not be leased; what goes wrong after that is told.
   */
  begin(batchIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** Outcomes that were recorded so far. */
  recorded(): number;
  /** Provider calls that are on their way, and answers that are not on record yet. */
  inHand(): number;
  /** Providers' answers that are known and not on record: were the process to end now, nobody would know them. */
  unrecorded(): number;
  /** Resolves when everything that was begun is on record or given back. */
  drain(): Promise<void>;
  close(): void;
}

/** Builds the delivery loop of one worker process. Whoever builds it closes it, after its last `deliver` has settled. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { store, onError, leaseMs, windowSize = 3_000, random = Math.random } = options;
  const { stalledAfterMs, onLeaseLost } = options;
  const keeper = createLeaseKeeper(store, { leaseMs, onError, ...(onLeaseLost && { onLost: onLeaseLost }) });
  const window = createSendWindow(windowSize, stalledAfterMs === undefined ? {} : { stalledAfterMs });
  const calls = createCallLedger();
  let recorded = 0;
  const countingStore: Pick<DeliveryStore, "record" | "failureOf"> = {
    async record(records, again) {
      const held = await store.record(records, again);
      recorded += records.length;
      return held;
    },
    failureOf: (error) => store.failureOf(error),
  };
  const recorder = createRecorder(countingStore, { onError });
  const addressRecorder = createRecorder(countingStore, { onError });
  const runBatch = createBatchRun({
    clientFor: options.clientFor,
    retryPolicy: options.retryPolicy,
    ...{ recorder, addressRecorder },
    ...{ window, calls, onNoCredential: options.onNoCredential },
    random,
  });
  const runAny = createSuspectRun(runBatch, store, { onError, onConvicted: options.onConvicted });
  const run = (held: HeldBatch, runOptions: BatchRunOptions) =>
    runAny(held, runOptions).finally(() => keeper.forget(held));
  const begun = new Set<Promise<void>>();

  const begin = (held: HeldBatch, signal: AbortSignal) =>
    new Promise<void>((onTaken) => {
      const running = run(held, { signal, onTaken })
        .catch(onError)
        .finally(() => {
          begun.delete(running);
          onTaken();
        });
      begun.add(running);
    });

  return {
    async deliver(batchIds, signal) {
      const batches = await keeper.lease(batchIds, signal);
      const runs = batches.map((held) => run(held, { signal }));
      const failures = (await Promise.allSettled(runs)).filter(({ status }) => status === "rejected");
      if (failures.length > 0)
        throw new AggregateError(failures.map((failure) => (failure as PromiseRejectedResult).reason));
    },
    async begin(batchIds, signal) {
      const batches = await keeper.lease(batchIds, signal);
      await Promise.all(batches.map((held) => begin(held, signal)));
    },
    recorded: () => recorded,
    inHand: calls.inHand,
    unrecorded: calls.unrecorded,
    async drain() {
      await Promise.all(begun);
    },
    close() {
      keeper.close();
      window.close();
    },
  };
}
