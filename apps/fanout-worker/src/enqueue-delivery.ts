import { type Db, returnDeliveryBatches } from "@fanfare/db";
import type { Provider } from "@fanfare/domain";
import { createEnqueueStored, type Producer } from "@fanfare/queues";

/** Enqueues a delivery batch; never throws and waits for nothing: the dispatcher mends what it could not do. */
export type EnqueueDelivery = (
  batch: { id: string; provider: Provider; lines: readonly { ordinal: number }[] },
  /** How far back its operation begins. */
  ahead: number,
) => void;

/** Makes {@link EnqueueDelivery} out of one producer per provider. */
export function createEnqueueDelivery(
  db: Db,
  producers: Readonly<Record<Provider, Producer>>,
  onError: (error: unknown) => void,
): EnqueueDelivery {
  const makeDue = (ids: readonly string[]) => returnDeliveryBatches(db, ids);
  const enqueue = {
    FCM: createEnqueueStored(producers.FCM, { makeDue, onError }),
    APN: createEnqueueStored(producers.APN, { makeDue, onError }),
  };
  return ({ id, provider, lines }, ahead) => {
    const depth = ahead + (lines[0]?.ordinal ?? 1);
    enqueue[provider]({ batchId: id, recipients: lines.length, depth });
  };
}
