import { encodeRecipients, mintOperationId, mintRowId, type PushMessage, type Recipient } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { isUniqueViolation } from "./postgres-errors.js";

/** Recipients of one recipient batch. */
export const RECIPIENT_BATCH_SIZE = 1_000;

/** How long the dispatcher leaves a new batch to whoever made it, in seconds: they enqueue it right after the commit. */
export const ENQUEUE_GRACE_SECONDS = 5;

/** An accepted send request, as it is to be stored. */
export interface NewOperation {
  /** UUID of the account. */
  accountId: string;
  message: PushMessage;
  tags: Record<string, string>;
  /** Without duplicates. */
  recipients: readonly Recipient[];
}

/** What was stored. */
export interface AcceptedOperation {
  /** UUID. */
  id: string;
  batches: readonly { id: string; recipients: number; firstOrdinal: number }[];
}

/**
 * Stores an operation and its recipients in one statement: all of it, or, when it throws, nothing.
 * The commit is what a 202 stands for.
 */
export async function acceptOperation(db: Db, operation: NewOperation): Promise<AcceptedOperation> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await insertOperation(db, mintOperationId(), operation);
    } catch (error) {
      // 56 random bits a millisecond clash once in a very long while; three times in a row is another fault.
      if (attempt === 3 || !isUniqueViolation(error)) throw error;
    }
  }
}

async function insertOperation(db: Db, id: string, operation: NewOperation): Promise<AcceptedOperation> {
  const batches = cutIntoBatches(operation.recipients);
  const total = operation.recipients.length;
  const batchRows = batches.map(({ recipients, ...batch }) => ({
    ...batch,
    recipients: recipients.length,
    content: encodeRecipients(recipients),
  }));
  await db.$executeRaw`
    with operation as (
      insert into operations (id, account_id, status, message, tags, expires_at, total, recipients, queued)
      values (
        ${id}::uuid, ${operation.accountId}::uuid, 'PROCESSING', ${JSON.stringify(operation.message)}::jsonb,
        ${JSON.stringify(operation.tags)}::jsonb, now() + make_interval(secs => ${operation.message.ttl}),
        ${total}, ${total}, ${total}
      )
    )
    insert into recipient_batches (id, operation_id, first_ordinal, recipients, content, enqueue_at)
    select b.id, ${id}::uuid, b.first_ordinal, b.recipients, convert_to(b.content, 'UTF8'),
      now() + make_interval(secs => ${ENQUEUE_GRACE_SECONDS})
    from json_to_recordset(${JSON.stringify(
      batchRows.map((row) => ({ ...row, first_ordinal: row.firstOrdinal })),
    )}::json) as b(id uuid, first_ordinal integer, recipients integer, content text)`;
  return { id, batches: batchRows.map(({ content, ...batch }) => batch) };
}

function cutIntoBatches(recipients: readonly Recipient[]) {
  const batches: { id: string; firstOrdinal: number; recipients: readonly Recipient[] }[] = [];
  for (let start = 0; start < recipients.length; start += RECIPIENT_BATCH_SIZE) {
    const slice = recipients.slice(start, start + RECIPIENT_BATCH_SIZE);
    batches.push({ id: mintRowId(), firstOrdinal: start + 1, recipients: slice });
  }
  return batches;
}
