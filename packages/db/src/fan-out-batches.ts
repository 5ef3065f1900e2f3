import {
  type DeliveryLine,
  decodeRecipients,
  encodeLines,
  mintRowId,
  type Provider,
  type Recipient,
} from "@fanfare/domain";
import { ENQUEUE_GRACE_SECONDS } from "./accept-operation.js";
import type { Db } from "./connect.js";

/** A recipient batch as it was accepted. */
export interface RecipientBatch {
  id: string;
  operationId: string;
  firstOrdinal: number;
  recipients: Recipient[];
}

/** A delivery batch that fan-out makes. */
export interface NewDeliveryBatch {
  id: string;
  operationId: string;
  provider: Provider;
  lines: DeliveryLine[];
}

/** Reads recipient batches; those that are fanned out already are missing from the answer. */
export async function readRecipientBatches(db: Db, ids: readonly string[]): Promise<RecipientBatch[]> {
  const rows = await db.recipientBatch.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, operationId: true, firstOrdinal: true, content: true },
  });
  return rows.map(({ content, ...batch }) => ({ ...batch, recipients: decodeRecipients(content) }));
}

/**
 * Replaces recipient batches by the delivery batches made from them, in one statement, and returns the ids of those
 * recipient batches that it replaced. The deletion is the fence: of two workers that fan out the same recipient batch
 * one deletes its row and inserts, the other finds no row and inserts nothing.
 */
export async function replaceByDeliveryBatches(
  db: Db,
  made: ReadonlyMap<RecipientBatch, readonly NewDeliveryBatch[]>,
): Promise<Set<string>> {
  const rows = [...made].flatMap(([source, batches]) =>
    batches.map(({ id, operationId, provider, lines }) => ({
      id,
      source_id: source.id,
      operation_id: operationId,
      provider,
      first_ordinal: lines[0]?.ordinal,
      last_ordinal: lines.at(-1)?.ordinal,
      recipients: lines.length,
      lines: encodeLines(lines),
    })),
  );
  const sourceIds = [...made.keys()].map(({ id }) => id);
  const replaced = await db.$queryRaw<{ id: string }[]>`
    with locked as (
      select id from recipient_batches
      where id in (select value::uuid from json_array_elements_text(${JSON.stringify(sourceIds)}::json))
      order by id for update
    ), gone as (
      delete from recipient_batches r using locked where r.id = locked.id returning r.id
    ), born as (
      insert into delivery_batches (
        id, operation_id, provider, first_ordinal, last_ordinal, recipients, open_lines, lines, visible_at, enqueue_at
      )
      select b.id, b.operation_id, b.provider, b.first_ordinal, b.last_ordinal, b.recipients, b.recipients,
        convert_to(b.lines, 'UTF8'), now(), now() + make_interval(secs => ${ENQUEUE_GRACE_SECONDS})
      from json_to_recordset(${JSON.stringify(rows)}::json) as b(
        id uuid, source_id uuid, operation_id uuid, provider provider, first_ordinal integer, last_ordinal integer,
        recipients integer, lines text
      )
      join gone on gone.id = b.source_id
    )
    select id::text from gone`;
  return new Set(replaced.map(({ id }) => id));
}

/** A fresh delivery batch of some lines. */
export function newDeliveryBatch(operationId: string, provider: Provider, lines: DeliveryLine[]): NewDeliveryBatch {
  return { id: mintRowId(), operationId, provider, lines };
}
