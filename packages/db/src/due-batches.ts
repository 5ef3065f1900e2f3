import { type Lane, type Provider, STORED_FORMS } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";

/** A batch that has waited past its time without being leased or fanned out. */
export interface DueBatch {
  id: string;
  lane: Lane;
  recipients: number;
  /** How far back in the queue it belongs, in recipients. */
  depth: number;
  /** When it was due. */
  dueAt: Date;
}

/** A batch that could not be enqueued. */
export interface LeftBatch {
  id: string;
  /** When it was due before it was claimed, which keeps its place. @default now */
  dueAt?: Date;
}

/** Which batches count as due. */
export interface DueOptions {
  lane: Lane;
  /** Batches at most. */
  limit: number;
  /** How long a claimed batch is left alone, in milliseconds: of many dispatchers one enqueues it, and not over and over. */
  againMs: number;
  /**
   * The queue is known to be empty: whatever nobody holds can not be in it, so its turn is now, whenever that was to
   * be. This is what brings work back within seconds when jobs were lost.
   */
  queueIsEmpty: boolean;
}

/** The longest that {@link DueOptions.againMs} may be. */
export const AGAIN_MAX_MS = 600_000;

/** An empty queue may also mean that a batch was committed just now and is being enqueued: those are left alone. */
const SETTLE_SECONDS = 2;

/** Claims recipient batches that are due to be enqueued (again), oldest first; those of a newer form its dispatchers enqueue. */
export async function claimDueRecipientBatches(db: Db, options: DueOptions): Promise<DueBatch[]> {
  const { lane, limit, againSeconds, aheadSeconds } = inSeconds(options);
  return db.$queryRaw<DueBatch[]>`
    with due as (
      select id, enqueue_at from recipient_batches
      where lane = ${lane} and enqueue_at <= now() + make_interval(secs => ${aheadSeconds}) and not canceled
        and content_version <= ${STORED_FORMS.recipients}
        and (select o.message_version from operations o where o.id = operation_id) <= ${STORED_FORMS.message}
        and (held_until is null or held_until <= now())
      order by enqueue_at limit ${limit}
      for update skip locked
    ), claimed as (
      update recipient_batches b set enqueue_at = now() + make_interval(secs => ${againSeconds})
      from due where b.id = due.id
      returning b.id, b.operation_id, b.recipients, b.first_ordinal, b.lane, due.enqueue_at
    )
    ${claimed}`;
}

/** The same for delivery batches: never enqueued or lost from the queue, due for a retry, or their lease ran out. */
export async function claimDueDeliveryBatches(db: Db, provider: Provider, options: DueOptions): Promise<DueBatch[]> {
  return db.$queryRaw<DueBatch[]>(claimDueDeliveryBatchesQuery(provider, options));
}

/** The statement of {@link claimDueDeliveryBatches}. @internal */
export function claimDueDeliveryBatchesQuery(provider: Provider, options: DueOptions): Prisma.Sql {
  const { lane, limit, againSeconds, aheadSeconds } = inSeconds(options);
  return Prisma.sql`
    with due as (
      select id, enqueue_at from delivery_batches
      where provider = ${provider}::provider and lane = ${lane} and not canceled and lines_version <= ${STORED_FORMS.lines}
        and enqueue_at <= now() + make_interval(secs => ${aheadSeconds}) and visible_at <= now()
        and (enqueue_at <= now() or visible_at <= now() - make_interval(secs => ${SETTLE_SECONDS}))
      order by enqueue_at limit ${limit}
      for update skip locked
    ), claimed as (
      update delivery_batches b set enqueue_at = now() + make_interval(secs => ${againSeconds})
      from due where b.id = due.id
      returning b.id, b.operation_id, b.open_lines as recipients, b.first_ordinal, b.lane, due.enqueue_at
    )
    ${claimed}`;
}

/** Makes recipient batches due that could not be enqueued, in the place that they had. Those that somebody holds by now stay so. */
export async function returnRecipientBatches(db: Db, left: readonly LeftBatch[]): Promise<void> {
  await db.$executeRaw`
    with free as (
      select b.id, l."dueAt" from recipient_batches b join ${leftBatches(left)} using (id)
      where not canceled and (held_until is null or held_until <= now())
      order by id for update of b skip locked
    )
    update recipient_batches b set enqueue_at = least(free."dueAt", now()) from free where b.id = free.id`;
}

/** The same for delivery batches. */
export async function returnDeliveryBatches(db: Db, left: readonly LeftBatch[]): Promise<void> {
  await db.$executeRaw`
    with free as (
      select b.id, l."dueAt" from delivery_batches b join ${leftBatches(left)} using (id)
      where not canceled and visible_at <= now()
      order by id for update of b skip locked
    )
    update delivery_batches b set enqueue_at = least(free."dueAt", now()) from free where b.id = free.id`;
}

const leftBatches = (left: readonly LeftBatch[]) =>
  Prisma.sql`json_to_recordset(${JSON.stringify(left)}::json) as l(id uuid, "dueAt" timestamptz)`;

const claimed = Prisma.sql`
  select c.id::text, c.lane, c.recipients, o.ahead + c.first_ordinal as depth, c.enqueue_at as "dueAt"
  from claimed c join operations o on o.id = c.operation_id`;

/**
 * Makes all that nobody holds due now, after a queue was lost: what else may be in it is not known, and enqueueing twice is
 * harmless.
 */
export async function makeRecipientBatchesDue(db: Db): Promise<number> {
  return db.$executeRaw`
    with free as (
      select id from recipient_batches
      where enqueue_at > now() and enqueue_at < 'infinity' and not canceled
        and (held_until is null or held_until <= now())
      order by id for update skip locked
    )
    update recipient_batches b set enqueue_at = now() from free where b.id = free.id`;
}

/** The same for delivery batches; a retry that is not due yet stays so. */
export async function makeDeliveryBatchesDue(db: Db, provider: Provider): Promise<number> {
  return db.$executeRaw`
    with free as (
      select id from delivery_batches
      where enqueue_at > now() and enqueue_at < 'infinity' and visible_at <= now()
        and provider = ${provider}::provider and not canceled
      order by id for update skip locked
    )
    update delivery_batches b set enqueue_at = now() from free where b.id = free.id`;
}

function inSeconds({ againMs, queueIsEmpty, ...options }: DueOptions) {
  return { ...options, againSeconds: againMs / 1000, aheadSeconds: queueIsEmpty ? AGAIN_MAX_MS / 1000 : 0 };
}
