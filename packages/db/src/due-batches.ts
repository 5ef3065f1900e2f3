import type { Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";

/** A batch that has waited past its time without being leased or fanned out. */
export interface DueBatch {
  id: string;
  recipients: number;
  firstOrdinal: number;
}

/** A delivery batch that is due, and for whom. */
export interface DueDeliveryBatch extends DueBatch {
  provider: Provider;
}

/**
 * Claims recipient batches that are due to be enqueued (again), oldest first: their next turn is put off by
 * `againMs`, so that of many dispatchers one enqueues them.
 */
export async function claimDueRecipientBatches(db: Db, limit: number, againMs: number): Promise<DueBatch[]> {
  return db.$queryRaw<DueBatch[]>`
    with due as (
      select id from recipient_batches where enqueue_at <= now() order by enqueue_at limit ${limit}
      for update skip locked
    )
    update recipient_batches b set enqueue_at = now() + make_interval(secs => ${againMs / 1000})
    from due where b.id = due.id
    returning b.id::text, b.recipients, b.first_ordinal as "firstOrdinal"`;
}

/** The same for delivery batches: never enqueued or lost from the queue, due for a retry, or their lease ran out. */
export async function claimDueDeliveryBatches(db: Db, limit: number, againMs: number): Promise<DueDeliveryBatch[]> {
  return db.$queryRaw<DueDeliveryBatch[]>`
    with due as (
      select id from delivery_batches where enqueue_at <= now() order by enqueue_at limit ${limit}
      for update skip locked
    )
    update delivery_batches b set enqueue_at = now() + make_interval(secs => ${againMs / 1000})
    from due where b.id = due.id
    returning b.id::text, b.open_lines as recipients, b.first_ordinal as "firstOrdinal", b.provider::text`;
}
