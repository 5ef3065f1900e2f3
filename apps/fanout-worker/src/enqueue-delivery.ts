import { type PerProvider, type Provider, perProvider } from "@fanfare/domain";
import { createEnqueueStored, type EnqueueStoredOptions, type Producer } from "@fanfare/queues";

/** Enqueues a delivery batch; never throws and waits for nothing: the dispatcher mends what it could not do. */
export type EnqueueDelivery = (
  batch: { id: string; provider: Provider; lines: readonly { ordinal: number }[] },
  /** How far back its operation begins. */
  ahead: number,
) => void;

/** Makes {@link EnqueueDelivery} out of one producer per provider; for the options see `createEnqueueStored`. */
export function createEnqueueDelivery(
  producers: Readonly<PerProvider<Producer>>,
  options: EnqueueStoredOptions,
): EnqueueDelivery {
  const enqueue = perProvider((provider) => createEnqueueStored(producers[provider], options));
  return ({ id, provider, lines }, ahead) => {
    const depth = ahead + (lines[0]?.ordinal ?? 1);
    enqueue[provider]({ batchId: id, recipients: lines.length, depth });
  };
}
