import type { Db } from "./connect.js";

/** Rows that one statement removes at most, so that none holds a lock for long. */
const STEP = 5_000;

/** Operations that one step removes at most. */
const OPERATIONS_STEP = 100;

/** What a step of the retention did. */
export interface RemovalStep {
  /** Whether there may be more to remove. */
  more: boolean;
}

/**
 * Removes a piece of what is past its time: the rows of up to 100 finished operations, one after the other, attempts
 * first, at most 5,000 rows a statement, and idempotency keys after 24 hours. Any number of processes may call it: none
 * waits for another.
 */
export async function removeExpired(db: Db, { retentionDays }: { retentionDays: number }): Promise<RemovalStep> {
  await db.$executeRaw`
    delete from idempotency_keys where (account_id, key) in (
      select account_id, key from idempotency_keys where created_at < now() - interval '24 hours'
      order by created_at limit ${STEP}
    )`;
  await db.$executeRaw`
    delete from credential_checks where created_at < now() - interval '1 hour'`;
  const expired = await db.$queryRaw<{ id: string }[]>`
    select id::text from operations
    where completed_at < now() - make_interval(days => ${retentionDays})
    order by completed_at limit ${OPERATIONS_STEP}`;
  for (const { id } of expired) await removeOperation(db, id);
  return { more: expired.length === OPERATIONS_STEP };
}

// Its own row goes last: a removal that was cut short, or that another process is at, is found and continued.
async function removeOperation(db: Db, id: string): Promise<void> {
  while ((await removeAttempts(db, id)) === STEP);
  while ((await removeAddresses(db, id)) === STEP);
  while ((await removeNotifications(db, id)) === STEP);
  await db.$transaction([
    db.deliveryBatch.deleteMany({ where: { operationId: id } }),
    db.recipientBatch.deleteMany({ where: { operationId: id } }),
    db.operationTag.deleteMany({ where: { operationId: id } }),
    db.$executeRaw`
      delete from operations where id = ${id}::uuid
        and not exists (select from attempts where operation_id = ${id}::uuid)
        and not exists (select from notification_addresses where operation_id = ${id}::uuid)
        and not exists (select from notifications where operation_id = ${id}::uuid)`,
  ]);
}

const removeAttempts = (db: Db, id: string) => db.$executeRaw`
  delete from attempts where (operation_id, ordinal, number) in (
    select operation_id, ordinal, number from attempts where operation_id = ${id}::uuid
    limit ${STEP} for update skip locked
  )`;

const removeAddresses = (db: Db, id: string) => db.$executeRaw`
  delete from notification_addresses where (operation_id, ordinal, position) in (
    select operation_id, ordinal, position from notification_addresses where operation_id = ${id}::uuid
    limit ${STEP} for update skip locked
  )`;

const removeNotifications = (db: Db, id: string) => db.$executeRaw`
  delete from notifications where (operation_id, ordinal) in (
    select operation_id, ordinal from notifications where operation_id = ${id}::uuid
    limit ${STEP} for update skip locked
  )`;
