import {
  type DeliveryLine,
  encodeLines,
  type LeaseRef,
  lineKey,
  mintRowId,
  type RecordedLine,
  SUSPICIOUS_CRASHES,
} from "@fanfare/domain";
import type { Db } from "./connect.js";

/**
 * Notes that the holder of a suspected batch begins it and does nothing else: if that one dies too, the batch is convicted.
 * Resolves with whether the lease is still valid.
 */
export async function beginAlone(db: Db, lease: LeaseRef): Promise<boolean> {
  const begun = await db.$executeRaw`
    update delivery_batches set tried_alone = true where id = ${lease.id}::uuid and epoch = ${lease.epoch}`;
  return begun === 1;
}

/**
 * Replaces a convicted batch by one batch for each part of its open lines, in one statement under the fence. They are due
 * at once, and suspected: one crash of whoever has one of them alone convicts it. Does nothing when the lease was lost.
 *
 * They are left as if this holder too had never given them back: any of their lines may have been sent without a record.
 */
export async function splitBatch(
  db: Db,
  lease: LeaseRef,
  parts: readonly (readonly DeliveryLine[])[],
  recorded: ReadonlyMap<string, RecordedLine>,
): Promise<boolean> {
  const rows = parts.map((lines) => ({
    id: mintRowId(),
    first_ordinal: lines[0]?.ordinal,
    last_ordinal: lines.at(-1)?.ordinal,
    recipients: lines.length,
    recorded_lines: lines.filter((line) => recorded.has(lineKey(line))).length,
    lines: encodeLines(lines),
  }));
  const [outcome] = await db.$queryRaw<{ held: boolean }[]>`
    with fence as materialized (
      select id, operation_id, provider, credential_id, addressed, leased_by, lane, wait_code, wait_detail from delivery_batches
      where id = ${lease.id}::uuid and epoch = ${lease.epoch} for update
    ), gone as (
      delete from delivery_batches b using fence where b.id = fence.id
    ), born as (
      insert into delivery_batches (
        id, operation_id, provider, credential_id, first_ordinal, last_ordinal, recipients, open_lines, recorded_lines, lines,
        visible_at, lane, enqueue_at, addressed, leased_by, taken_over, crashes, wait_code, wait_detail
      )
      select p.id, f.operation_id, f.provider, f.credential_id, p.first_ordinal, p.last_ordinal, p.recipients, p.recipients,
        case when f.addressed then 0 else p.recorded_lines end, convert_to(p.lines, 'UTF8'), now(), f.lane, now(), f.addressed,
        f.leased_by, true, ${SUSPICIOUS_CRASHES - 1}, f.wait_code, f.wait_detail
      from fence f, json_to_recordset(${JSON.stringify(rows)}::json) as p(
        id uuid, first_ordinal integer, last_ordinal integer, recipients integer, recorded_lines integer, lines text
      )
    )
    select exists (select from fence) as held`;
  return outcome?.held ?? false;
}
