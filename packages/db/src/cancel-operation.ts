import { STORED_FORMS } from "@fanfare/domain";
import { COMPLETED_OPERATION, type CompletedOperation, completedOf, type OnCompleted } from "./completed-operations.js";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";

/** What became of a request to cancel. */
export type CancelResult = "canceled" | "finished" | "not-found";

/**
 * Cancels what of an operation no provider has accepted. From the commit of the request on no batch of it is begun any
 * more; what workers hold at that moment they give back or cancel themselves, and the dispatcher sees to the rest. The
 * request alone is no change of what is shown of the operation: `updatedAt` moves with the first recipient that is canceled.
 */
export async function cancelOperation(
  db: Db,
  accountId: string,
  id: string,
  onCompleted?: OnCompleted,
): Promise<CancelResult> {
  const requested = await db.$executeRaw`
    update operations set cancel_requested_at = coalesce(cancel_requested_at, now())
    where id = ${id}::uuid and account_id = ${accountId}::uuid and status in ('SCHEDULED', 'PROCESSING')`;
  if (requested === 0) {
    const known = await db.operation.count({ where: { id, accountId } });
    return known === 0 ? "not-found" : "finished";
  }
  await cancelUnheldBatches(db, id, onCompleted);
  return "canceled";
}

/** Operations that are to be canceled and still have something open, oldest request first. */
export async function findCanceling(db: Db, limit: number): Promise<string[]> {
  const rows = await db.operation.findMany({
    where: { cancelRequestedAt: { not: null }, completedAt: null },
    orderBy: { cancelRequestedAt: "asc" },
    take: limit,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

/**
 * Cancels the batches that nobody holds: they stay, marked, so that their lines can be listed, and are never leased or
 * fanned out any more. The counters move in the same statement.
 *
 * Those whose holder was lost are canceled by the worker that leases them next: what that one had sent is not known, which each
 * of their lines has to say. So are those of recipients with several addresses.
 *
 * Only their own lines: after a redrive, batches that stay open have lines between theirs. Lines that only a newer release can
 * read, and that have rows, are left to its workers.
 *
 * The batches are locked by a statement of its own: what was recorded until then is seen by the one after it.
 */
export async function cancelUnheldBatches(db: Db, operationId: string, onCompleted?: OnCompleted): Promise<void> {
  const lock = db.$queryRaw`
    with recipient as (
      select id from recipient_batches where operation_id = ${operationId}::uuid and not canceled order by id for update
    ), delivery as (
      select id from delivery_batches
      where operation_id = ${operationId}::uuid and not canceled and leased_by is null
      order by id for update
    )
    select (select count(*) from recipient) + (select count(*) from delivery) as locked`;
  const cancel = db.$queryRaw<{ completed: CompletedOperation | null }[]>(cancelUnheldQuery(operationId));
  const [, counted] = await db.$transaction([lock, cancel]);
  onCompleted?.(completedOf(counted));
}

/**
 * What {@link cancelUnheldBatches} does once they are locked. As in `recordedLinesQuery` each line is looked for by itself: the
 * planner knows nothing of a new operation.
 *
 * @internal
 */
export function cancelUnheldQuery(operationId: string): Prisma.Sql {
  return Prisma.sql`
    with recipient as (
      update recipient_batches set canceled = true, enqueue_at = 'infinity'
      where operation_id = ${operationId}::uuid and not canceled
      returning recipients
    ), delivery as (
      update delivery_batches set canceled = true, epoch = epoch + 1, leased_by = null, enqueue_at = 'infinity'
      where operation_id = ${operationId}::uuid and not canceled and not addressed
        and leased_by is null and not taken_over and (recorded_lines = 0 or lines_version <= ${STORED_FORMS.lines})
      returning operation_id, lines, recorded_lines, open_lines
    ), line as materialized (
      select d.operation_id, (stored ->> 0)::integer as ordinal
      from delivery d, json_array_elements(convert_from(d.lines, 'UTF8')::json) stored
      where d.recorded_lines > 0
    ), waiting as materialized (
      select n.operation_id, n.ordinal from line, lateral (
        select operation_id, ordinal from notifications
        where operation_id = line.operation_id and ordinal = line.ordinal and policy is null and status = 'QUEUED' offset 0
      ) n
    ), nudged as (
      update delivery_batches set visible_at = now(), enqueue_at = now()
      where operation_id = ${operationId}::uuid and not canceled and (addressed or taken_over) and leased_by is null
        and visible_at > now()
    ), moved as (
      update notifications n set status = 'CANCELED', next_attempt_at = null, updated_at = now()
      from waiting w where n.operation_id = w.operation_id and n.ordinal = w.ordinal
    ), delta as (
      select (select coalesce(sum(recipients), 0) from recipient) + (select coalesce(sum(open_lines), 0) from delivery)
        as canceled
    )
    update operations o set
      scheduled = case when o.status = 'SCHEDULED' then o.scheduled - d.canceled else o.scheduled end,
      queued = case when o.status = 'SCHEDULED' then o.queued else o.queued - d.canceled end,
      canceled = o.canceled + d.canceled,
      status = case when o.scheduled + o.queued > d.canceled then o.status
        when o.canceled + d.canceled > 0 then 'CANCELED' else 'COMPLETED' end,
      completed_at = case when o.scheduled + o.queued > d.canceled then null else now() end,
      updated_at = now()
    from delta d
    where o.id = ${operationId}::uuid and o.status in ('SCHEDULED', 'PROCESSING') and d.canceled > 0
    returning ${COMPLETED_OPERATION} as completed`;
}
