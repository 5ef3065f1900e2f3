import type { Enqueued, Producer } from "./produce.js";
import { QueueFullError } from "./queue-room.js";

/** Enqueues a batch that is stored. Never throws, and waits for nothing. */
export type EnqueueStored = (batch: Enqueued) => void;

/** What {@link createEnqueueStored} is made of. */
export interface EnqueueStoredOptions {
  /** Told of batches (UUIDs) that the queue did not take: they are to be made due for the dispatcher at once. */
  onLeft: (batchIds: readonly string[]) => void;
  /** Told why, unless it is that the queue is full. */
  onError: (error: unknown) => void;
}

/** Makes {@link EnqueueStored}: what the queue does not take is left to the dispatcher, in one statement for all that come at once. */
export function createEnqueueStored(producer: Producer, { onLeft, onError }: EnqueueStoredOptions): EnqueueStored {
  let left: string[] = [];
  const leave = () => {
    const batchIds = left;
    left = [];
    onLeft(batchIds);
  };
  return (batch) => {
    producer.add(batch).catch((error: unknown) => {
      if (!(error instanceof QueueFullError)) onError(error);
      if (left.push(batch.batchId) === 1) setImmediate(leave);
    });
  };
}
