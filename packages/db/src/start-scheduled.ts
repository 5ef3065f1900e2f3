import type { Db } from "./connect.js";

/**
 * Starts the scheduled operations whose time has come: they are PROCESSING, their recipients queued, their batches due.
 * Of many dispatchers one starts each. Returns how many were started.
 */
export async function startScheduledOperations(db: Db, limit: number): Promise<number> {
  return db.$executeRaw`
    with due as (
      select id from operations
      where status = 'SCHEDULED' and scheduled_for <= now()
      order by scheduled_for limit ${limit}
      for update skip locked
    ), ready as (
      update recipient_batches b set enqueue_at = now() from due where b.operation_id = due.id and not b.canceled
    )
    update operations o
    set status = 'PROCESSING', queued = o.queued + o.scheduled, scheduled = 0, updated_at = now()
    from due where o.id = due.id`;
}

/** How long it is until the next scheduled operation is due, in milliseconds, by the database's clock; `undefined` when none is. */
export async function millisecondsToNextSchedule(db: Db): Promise<number | undefined> {
  const [next] = await db.$queryRaw<{ ms: number }[]>`
    select (extract(epoch from scheduled_for - clock_timestamp()) * 1000)::float8 as ms from operations
    where status = 'SCHEDULED' order by scheduled_for limit 1`;
  return next?.ms;
}
