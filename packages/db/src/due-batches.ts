import type { Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";

/** A batch that has waited past its time without being leased or fanned out. */
export interface DueBatch {
  id: string;
  recipients: number;
  firstOrdinal: number;
}

/** Which batches count as due. */
export interface DueOptions {
  /** Batches at most. */
  limit: number;
  /** How long a claimed batch is left alone, in milliseconds: of many dispatchers one enqueues it, and not over and over. */
  againMs: number;
  /**
   * The queue is known to be empty: whatever nobody holds can not be in it, so its turn is now, whenever that was to
   * be. This is what brings work back within seconds when a whole queue was lost.
   */
  queueIsEmpty: boolean;
}

/** An empty queue may also mean that a batch was committed just now and is being enqueued: those are left alone. */
const SETTLE_SECONDS = 2;

/** Claims recipient batches that are due to be enqueued (again), oldest first. */
export async function claimDueRecipientBatches(db: Db, options: DueOptions): Promise<DueBatch[]> {
  const { limit, againSeconds, aheadSeconds } = inSeconds(options);
  return db.$queryRaw<DueBatch[]>`
    with due as (
      select id from recipient_batches
      where enqueue_at <= now() + make_interval(secs => ${aheadSeconds})
      order by enqueue_at limit ${limit}
      for update skip locked
    )
    update recipient_batches b set enqueue_at = now() + make_interval(secs => ${againSeconds})
    from due where b.id = due.id
    returning b.id::text, b.recipients, b.first_ordinal as "firstOrdinal"`;
}

/** The same for delivery batches: never enqueued or lost from the queue, due for a retry, or their lease ran out. */
export async function claimDueDeliveryBatches(db: Db, provider: Provider, options: DueOptions): Promise<DueBatch[]> {
  const { limit, againSeconds, aheadSeconds } = inSeconds(options);
  return db.$queryRaw<DueBatch[]>`
    with due as (
      select id from delivery_batches
      where enqueue_at <= now() + make_interval(secs => ${aheadSeconds})
        and (
          (enqueue_at <= now() and visible_at <= now())
          or visible_at <= now() - make_interval(secs => ${SETTLE_SECONDS})
        )
        and provider = ${provider}::provider
      order by enqueue_at limit ${limit}
      for update skip locked
    )
    update delivery_batches b set enqueue_at = now() + make_interval(secs => ${againSeconds})
    from due where b.id = due.id
    returning b.id::text, b.open_lines as recipients, b.first_ordinal as "firstOrdinal"`;
}

function inSeconds({ limit, againMs, queueIsEmpty }: DueOptions) {
  const againSeconds = againMs / 1000;
  return { limit, againSeconds, aheadSeconds: queueIsEmpty ? againSeconds : 0 };
}
