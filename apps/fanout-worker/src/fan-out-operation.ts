import {
  type Db,
  type NewDeliveryBatch,
  newDeliveryBatch,
  type RecipientBatch,
  readRecipientBatches,
  replaceByDeliveryBatches,
} from "@fanfare/db";
import { type DeliveryLine, PROVIDERS } from "@fanfare/domain";
import type { EnqueueDelivery } from "./enqueue-delivery.js";

/** Lines of one delivery batch at most. */
export const DELIVERY_BATCH_SIZE = 500;

/** What fan-out needs. */
export interface FanOutContext {
  db: Db;
  enqueue: EnqueueDelivery;
}

/**
 * Fans recipient batches out: replaces each by delivery batches, in one transaction, then enqueues those. Batches that
 * another worker has fanned out are left alone.
 */
export async function fanOutBatches({ db, enqueue }: FanOutContext, batchIds: readonly string[]): Promise<void> {
  const batches = await readRecipientBatches(db, batchIds);
  if (batches.length === 0) return;
  const made = new Map(batches.map((batch) => [batch, cutIntoDeliveryBatches(batch)]));
  const replaced = await replaceByDeliveryBatches(db, made);
  for (const [batch, deliveryBatches] of made) {
    if (replaced.has(batch.id)) for (const deliveryBatch of deliveryBatches) enqueue(deliveryBatch);
  }
}

/** The delivery batches of a recipient batch: its lines by provider, in order, at most 500 to a batch. */
export function cutIntoDeliveryBatches({ operationId, firstOrdinal, recipients }: RecipientBatch): NewDeliveryBatch[] {
  return PROVIDERS.flatMap((provider) => {
    const lines: DeliveryLine[] = [];
    for (const [index, recipient] of recipients.entries()) {
      if (recipient.provider === provider) lines.push({ ordinal: firstOrdinal + index, token: recipient.token });
    }
    const batches: NewDeliveryBatch[] = [];
    for (let start = 0; start < lines.length; start += DELIVERY_BATCH_SIZE) {
      batches.push(newDeliveryBatch(operationId, provider, lines.slice(start, start + DELIVERY_BATCH_SIZE)));
    }
    return batches;
  });
}
