import type { Enqueued, Producer } from "./produce.js";
import { QueueFullError } from "./queue-room.js";

/** Enqueues a batch that is stored. Never throws, and waits for nothing. */
export type EnqueueStored = (batch: Enqueued) => void;

/** What {@link createEnqueueStored} is made of. */
export interface EnqueueStoredOptions {
  /** Makes batches (by UUID) that the queue did not take due for the dispatcher at once. */
  onLeft: (left: readonly { id: string }[]) => Promise<void>;
  /** Told why they were not taken, unless it is that the queue is full, and of errors of `onLeft`. */
  onError: (error: unknown) => void;
}

/** Batches that one call of `onLeft` is given at most. */
const LEFT_LIMIT = 1_000;

/**
 * Makes {@link EnqueueStored}: what the queue does not take is left to the dispatcher, with one statement under way at a time, so
 * that a queue that takes nothing does not cost each send a statement.
 */
export function createEnqueueStored(producer: Producer, { onLeft, onError }: EnqueueStoredOptions): EnqueueStored {
  const left: { id: string }[] = [];
  let leaving = false;

  async function leave(): Promise<void> {
    leaving = true;
    // What is refused in the same turn of the event loop belongs together.
    await new Promise(setImmediate);
    while (left.length > 0) await onLeft(left.splice(0, LEFT_LIMIT)).catch(onError);
    leaving = false;
  }

  return (batch) => {
    producer.add(batch).catch((error: unknown) => {
      if (!(error instanceof QueueFullError)) onError(error);
      left.push({ id: batch.batchId });
      if (!leaving) void leave();
    });
  };
}
