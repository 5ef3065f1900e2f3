import type { Db } from "./connect.js";

/** What became of a request to cancel. */
export type CancelResult = "canceled" | "finished" | "not-found";

/**
 * Cancels what of an operation no provider has accepted. From the commit of the request on no batch of it is begun any
 * more; what workers hold at that moment they give back or cancel themselves, and the dispatcher sees to the rest. The
 * request alone is no change of what is shown of the operation: `updatedAt` moves with the first recipient that is canceled.
 */
export async function cancelOperation(db: Db, accountId: string, id: string): Promise<CancelResult> {
  const requested = await db.$executeRaw`
    update operations set cancel_requested_at = coalesce(cancel_requested_at, now())
    where id = ${id}::uuid and account_id = ${accountId}::uuid and status in ('SCHEDULED', 'PROCESSING')`;
  if (requested === 0) {
    const known = await db.operation.count({ where: { id, accountId } });
    return known === 0 ? "not-found" : "finished";
  }
  await cancelUnheldBatches(db, id);
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
 * The batches are locked by a statement of its own: what a worker whose lease ran out recorded until then is seen by
 * the one after it, and from then on that worker can record nothing.
 */
export async function cancelUnheldBatches(db: Db, operationId: string): Promise<void> {
  const lock = db.$queryRaw`
    with recipient as (
      select id from recipient_batches where operation_id = ${operationId}::uuid and not canceled order by id for update
    ), delivery as (
      select id from delivery_batches
      where operation_id = ${operationId}::uuid and not canceled and (leased_by is null or visible_at <= now())
      order by id for update
    )
    select (select count(*) from recipient) + (select count(*) from delivery) as locked`;
  const mark = db.$executeRaw`
    with recipient as (
      update recipient_batches set canceled = true, enqueue_at = 'infinity'
      where operation_id = ${operationId}::uuid and not canceled
      returning recipients
    ), delivery as (
      update delivery_batches set canceled = true, epoch = epoch + 1, leased_by = null, enqueue_at = 'infinity'
      where operation_id = ${operationId}::uuid and not canceled and not addressed
        and (leased_by is null or visible_at <= now())
      returning provider, first_ordinal, last_ordinal, open_lines
    ), nudged as (
      -- Lines of recipients with several addresses are canceled by the worker that leases them.
      update delivery_batches set visible_at = now(), enqueue_at = now()
      where operation_id = ${operationId}::uuid and not canceled and addressed and leased_by is null
        and visible_at > now()
    ), moved as (
      update notifications n set status = 'CANCELED', next_attempt_at = null, updated_at = now()
      from delivery d
      where n.operation_id = ${operationId}::uuid and n.ordinal between d.first_ordinal and d.last_ordinal
        and n.provider = d.provider and n.policy is null and n.status = 'QUEUED'
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
    where o.id = ${operationId}::uuid and o.status in ('SCHEDULED', 'PROCESSING') and d.canceled > 0`;
  await db.$transaction([lock, mark]);
}
