import type { Provider } from "@fanfare/domain";
import type { Producer } from "@fanfare/queues";

/** Enqueues a delivery batch; never throws and waits for nothing: the dispatcher mends what it could not do. */
export type EnqueueDelivery = (
  batch: { id: string; provider: Provider; lines: readonly { ordinal: number }[] },
  /** How far back its operation begins. */
  ahead: number,
) => void;

/** Makes {@link EnqueueDelivery} out of one producer per provider. */
export function createEnqueueDelivery(
  producers: Readonly<Record<Provider, Producer>>,
  onError: (error: unknown) => void,
): EnqueueDelivery {
  return ({ id, provider, lines }, ahead) => {
    const depth = ahead + (lines[0]?.ordinal ?? 1);
    producers[provider].add({ batchId: id, recipients: lines.length, depth }).catch(onError);
  };
}
