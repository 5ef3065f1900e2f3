import { encodeRecipients, laneOf, mintRowId, SUSPICIOUS_CRASHES, splitUp } from "@fanfare/domain";
import type { Db } from "./connect.js";
import type { RecipientBatch } from "./fan-out-batches.js";

/** What a hold is known by: the call that took it. */
type Hold = Pick<RecipientBatch, "id" | "heldBy">;

/**
 * Notes that the holder of a suspected batch begins it and does nothing else: if that one dies too, the batch is convicted.
 * Resolves with whether it still holds it, and does so anew. May be asked again.
 */
export async function fanOutAlone(db: Db, { id, heldBy }: Hold, holdMs: number): Promise<boolean> {
  const begun = await db.$executeRaw`
    update recipient_batches set tried_alone = true, held_until = now() + make_interval(secs => ${holdMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${holdMs / 1000})
    where id = ${id}::uuid and held_by = ${heldBy}::uuid and not canceled`;
  return begun === 1;
}

/** Holds batches for `holdMs` from now, those that their holder still has. One that is being replaced is left alone. */
export async function renewRecipientBatches(db: Db, batches: readonly Hold[], holdMs: number): Promise<void> {
  await db.$executeRaw`
    with held as (
      select r.id from recipient_batches r
      join json_to_recordset(${holdsOf(batches)}::json) as h(id uuid, held_by uuid) on r.id = h.id and r.held_by = h.held_by
      where not r.canceled for update of r skip locked
    )
    update recipient_batches r set held_until = now() + make_interval(secs => ${holdMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${holdMs / 1000})
    from held where r.id = held.id`;
}

/** Gives batches back that could not be fanned out for a reason that is not theirs; they are due at once. */
export async function giveBackRecipientBatches(db: Db, batches: readonly Hold[]): Promise<void> {
  await db.$executeRaw`
    update recipient_batches r set held_until = null, held_by = null, tried_alone = false, enqueue_at = now()
    from json_to_recordset(${holdsOf(batches)}::json) as h(id uuid, held_by uuid)
    where r.id = h.id and r.held_by = h.held_by and not r.canceled`;
}

function holdsOf(batches: readonly Hold[]): string {
  return JSON.stringify(batches.map(({ id, heldBy }) => ({ id, held_by: heldBy })));
}

/**
 * Replaces a convicted batch by several, in one statement: due at once, and suspected, as if this holder too had never
 * given them back.
 */
export async function splitRecipientBatch(db: Db, batch: RecipientBatch): Promise<void> {
  let next = batch.firstOrdinal;
  const parts = splitUp(batch.recipients).map((recipients) => {
    const firstOrdinal = next;
    next += recipients.length;
    return {
      ...{ id: mintRowId(), firstOrdinal, recipients: recipients.length, content: encodeRecipients(recipients) },
      lane: laneOf(batch.operation.ahead + firstOrdinal),
    };
  });
  await db.$executeRaw`
    with gone as (
      delete from recipient_batches
      where id = ${batch.id}::uuid and held_by = ${batch.heldBy}::uuid and not canceled returning operation_id
    )
    insert into recipient_batches (
      id, operation_id, first_ordinal, recipients, content, lane, enqueue_at, held_until, crashes
    )
    select p.id, gone.operation_id, p."firstOrdinal", p.recipients, convert_to(p.content, 'UTF8'), p.lane, now(), now(),
      ${SUSPICIOUS_CRASHES - 1}
    from gone, json_to_recordset(${JSON.stringify(parts)}::json) as p(
      id uuid, "firstOrdinal" integer, recipients integer, content text, lane smallint
    )`;
}
