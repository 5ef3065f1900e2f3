import { encodeRecipients, mintRowId, SUSPICIOUS_CRASHES, splitUp } from "@fanfare/domain";
import type { Db } from "./connect.js";
import type { RecipientBatch } from "./fan-out-batches.js";

/** What a hold is known by: nobody else has held the batch since. */
type Hold = Pick<RecipientBatch, "id" | "heldUntil">;

/**
 * Notes that the holder of a suspected batch begins it and does nothing else: if that one dies too, the batch is convicted.
 * Resolves with the hold anew, `undefined` when it was lost.
 */
export async function fanOutAlone<Batch extends Hold>(
  db: Db,
  batch: Batch,
  holdMs: number,
): Promise<Batch | undefined> {
  const [held] = await db.$queryRaw<{ heldUntil: Date }[]>`
    update recipient_batches set tried_alone = true, held_until = now() + make_interval(secs => ${holdMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${holdMs / 1000})
    where id = ${batch.id}::uuid and held_until = ${batch.heldUntil} and not canceled
    returning held_until as "heldUntil"`;
  return held && { ...batch, heldUntil: held.heldUntil };
}

/** Gives batches back that could not be fanned out for a reason that is not theirs; they are due at once. */
export async function giveBackRecipientBatches(db: Db, batches: readonly Hold[]): Promise<void> {
  const holds = batches.map(({ id, heldUntil }) => ({ id, heldUntil }));
  await db.$executeRaw`
    update recipient_batches r set held_until = null, tried_alone = false, enqueue_at = now()
    from json_to_recordset(${JSON.stringify(holds)}::json) as h(id uuid, "heldUntil" timestamptz)
    where r.id = h.id and r.held_until = h."heldUntil"`;
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
    return { id: mintRowId(), firstOrdinal, recipients: recipients.length, content: encodeRecipients(recipients) };
  });
  await db.$executeRaw`
    with gone as (
      delete from recipient_batches
      where id = ${batch.id}::uuid and held_until = ${batch.heldUntil} and not canceled returning operation_id
    )
    insert into recipient_batches (id, operation_id, first_ordinal, recipients, content, enqueue_at, held_until, crashes)
    select p.id, gone.operation_id, p."firstOrdinal", p.recipients, convert_to(p.content, 'UTF8'), now(), now(),
      ${SUSPICIOUS_CRASHES - 1}
    from gone, json_to_recordset(${JSON.stringify(parts)}::json) as p(
      id uuid, "firstOrdinal" integer, recipients integer, content text
    )`;
}
