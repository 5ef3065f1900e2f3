import { randomUUID } from "node:crypto";
import {
  type Db,
  type FannedOut,
  fanOutAlone,
  giveBackRecipientBatches,
  holdRecipientBatches,
  isDatabaseUnavailable,
  isRefusedContent,
  logCompleted,
  type RecipientBatch,
  renewRecipientBatches,
  replaceByFannedOut,
  splitRecipientBatch,
} from "@fanfare/db";
import { createTurns, formatId } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";
import type { Renderer } from "@fanfare/templates";
import pRetry from "p-retry";
import type { EnqueueDelivery } from "./enqueue-delivery.js";
import { failForCrashes, fanOut } from "./fan-out.js";
import { createGiveWay } from "./give-way.js";
import { createPersonalize } from "./render-content.js";
import { findUsableAddresses } from "./usable-addresses.js";

/** What fan-out needs. */
export interface FanOutContext {
  db: Db;
  renderer: Renderer;
  enqueue: EnqueueDelivery;
  /** How long a worker has for a batch before it is taken for dead, in milliseconds. */
  holdMs: number;
  /** Told of each line that was prepared. */
  onPrepared: () => void;
  log: Pick<ErrorBrake, "info" | "warn" | "error">;
  onError: (error: unknown) => void;
  /** Aborted once the worker is to stop: it waits for a database that is away no more, and gives back what takes long. */
  stopping?: AbortSignal;
}

/** So that two renewals may fail in a row. */
const RENEWALS_PER_HOLD = 3;

/** How the database is asked again while it is away, in milliseconds. */
const AGAIN = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 1_000, maxRetryTime: 30_000 };

/**
 * Makes the function that fans recipient batches out: replaces each by delivery batches, in one transaction, then enqueues
 * those. Batches that another worker has are left alone.
 *
 * A batch at which two workers died, or which they could not do, is done while nothing else is; if that ends the same way,
 * it is split, until the recipient that is the reason is alone, and fails.
 */
export function createFanOut(context: FanOutContext): (batchIds: readonly string[]) => Promise<void> {
  const { db, holdMs } = context;
  const turns = createTurns();

  return async (batchIds) => {
    const call = randomUUID();
    const batches = await whileAway(context, () => holdRecipientBatches(db, batchIds, holdMs, call));
    await whileHeld(context, batches, () => fanOutHeld(batches));
  };

  async function fanOutHeld(batches: readonly RecipientBatch[]): Promise<void> {
    const trusted = batches.filter(({ suspicion }) => suspicion === "none");
    if (trusted.length > 0) await turns.shared(() => fanOutAll(context, trusted));
    for (const batch of batches) {
      if (batch.suspicion === "convicted") await convict(context, batch);
      if (batch.suspicion !== "suspected") continue;
      await turns.alone(async () => {
        if (await whileAway(context, () => fanOutAlone(db, batch, holdMs))) await fanOutAll(context, [batch]);
      });
    }
  }
}

/** What is asked may be done twice: an answer may be lost. */
function whileAway<Answer>({ stopping, onError }: FanOutContext, ask: () => Promise<Answer>): Promise<Answer> {
  return pRetry(ask, {
    ...AGAIN,
    onFailedAttempt: ({ error }) => onError(error),
    shouldRetry: ({ error }) => !stopping?.aborted && isDatabaseUnavailable(error),
  });
}

/** Renews the hold of batches while they are worked on, and wait for their turn: no line is slow, and a thousand may be. */
async function whileHeld(
  { db, holdMs, onError }: FanOutContext,
  batches: readonly RecipientBatch[],
  work: () => Promise<void>,
): Promise<void> {
  let renewal: Promise<void> | undefined;
  const renew = () => {
    renewal ??= renewRecipientBatches(db, batches, holdMs)
      .catch(onError)
      .finally(() => {
        renewal = undefined;
      });
  };
  const timer = setInterval(renew, holdMs / RENEWALS_PER_HOLD);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await renewal;
  }
}

async function fanOutAll(context: FanOutContext, batches: readonly RecipientBatch[]): Promise<void> {
  const made = new Map<RecipientBatch, FannedOut>();
  try {
    for (const batch of batches) {
      const done = await tryFanOut(context, batch);
      if (done) made.set(batch, done);
    }
    await replace(context, made);
  } catch (error) {
    // What the database refuses for what it says is theirs: their hold runs out, as if their worker had died. For the rest
    // they are not to blame.
    if (!isRefusedContent(error)) {
      await whileAway(context, () => giveBackRecipientBatches(context.db, batches)).catch(context.onError);
    }
    if (context.stopping?.aborted && error === context.stopping.reason) return;
    throw error;
  }
}

/** `undefined` when it cannot be done: its hold runs out, as if its worker had died. */
async function tryFanOut({ db, renderer, onPrepared, onError, stopping }: FanOutContext, batch: RecipientBatch) {
  const { message, tags } = batch.operation;
  const giveWay = createGiveWay(stopping);
  try {
    const usableAddresses = await findUsableAddresses(db, batch);
    return await fanOut(batch, usableAddresses, createPersonalize(renderer, message, tags), () => {
      onPrepared();
      return giveWay();
    });
  } catch (error) {
    if (isDatabaseUnavailable(error) || stopping?.aborted) throw error;
    onError(error);
    return undefined;
  }
}

async function replace(
  { db, enqueue, log }: FanOutContext,
  made: ReadonlyMap<RecipientBatch, FannedOut>,
): Promise<void> {
  const replaced = await replaceByFannedOut(db, made, { onCompleted: logCompleted(log) });
  for (const [{ id, operation }, { deliveryBatches }] of made) {
    if (replaced.has(id)) for (const deliveryBatch of deliveryBatches) enqueue(deliveryBatch, operation.ahead);
  }
}

async function convict({ db, log }: FanOutContext, batch: RecipientBatch): Promise<void> {
  const { operation, recipients, firstOrdinal } = batch;
  const fields = { operation: formatId("operation", operation.id), firstOrdinal, recipients: recipients.length };
  if (recipients.length > 1) {
    log.warn(fields, "A batch of recipients is split: each worker that had it died");
    await splitRecipientBatch(db, batch);
  } else {
    log.error(fields, "A notification fails: each worker that prepared it died (WORKER_CRASHED)");
    await replaceByFannedOut(db, new Map([[batch, failForCrashes(batch)]]), {
      setAside: true,
      onCompleted: logCompleted(log),
    });
  }
}
