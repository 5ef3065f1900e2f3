import {
  type Duplicate,
  encodeRecipientBatches,
  laneOf,
  mintOperationId,
  mintRowId,
  PROVIDERS,
  type Provider,
  type PushMessage,
  type Recipient,
  timeOfUuid,
} from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { type OperationSender, SENDER_COLUMNS, senderValues } from "./operation-senders.js";
import { isTransactionConflict, isUniqueViolation, mayBeCommitted } from "./postgres-errors.js";
import { queryDirectly } from "./query-directly.js";

/** Recipients of one recipient batch. */
export const RECIPIENT_BATCH_SIZE = 1_000;

/**
 * How long the dispatcher leaves a new batch alone, in seconds: whoever made it enqueues it right after the commit, or says that
 * it could not. A process that dies in between leaves it so long, unless the queue runs empty before.
 */
export const ENQUEUE_GRACE_SECONDS = 15;

/** Duplicates that are kept as samples. */
const DUPLICATE_SAMPLES = 10;

/** An accepted send request, as it is to be stored. */
export interface NewOperation {
  /** UUID of the account. */
  accountId: string;
  message: PushMessage;
  tags: Record<string, string>;
  /** Without duplicates. */
  recipients: readonly Recipient[];
  duplicates?: readonly Duplicate[];
  sender?: OperationSender;
  /** Recipients that stand before it in the queues. @default 0 */
  ahead?: number;
  /** Absent: now. */
  sendAt?: Date | undefined;
  idempotency?: { key: string; fingerprint: Buffer } | undefined;
}

/** What was stored. */
export interface AcceptedOperation {
  kind: "accepted";
  /** UUID. */
  id: string;
  /** To be enqueued now; none when the operation is scheduled. */
  batches: readonly { id: string; recipients: number; firstOrdinal: number }[];
}

/** What an idempotency key was used for before, with which fingerprint. */
export interface RepeatedOperation {
  kind: "repeated";
  /** UUID. */
  id: string;
  fingerprint: Buffer;
}

/** What became of a send request. */
export type AcceptResult =
  | AcceptedOperation
  | RepeatedOperation
  /** Another request with its idempotency key is being stored right now. */
  | { kind: "in-progress" };

/** Says that the connection was lost while an operation was being stored: it may be stored or not. */
export class UnknownCommitError extends Error {
  override readonly name = "UnknownCommitError";
  /** UUID that the operation has if it is stored. */
  readonly operationId: string;

  constructor(operationId: string, cause: unknown) {
    super("The connection to the database was lost while an operation was being stored.", { cause });
    this.operationId = operationId;
  }
}

/** How often a statement is made that Postgres rolled back. */
const MAX_ATTEMPTS = 3;

/**
 * Stores an operation and its recipients in one statement: all of it, or, when it throws, nothing.
 * The commit is what a 202 stands for.
 *
 * @throws UnknownCommitError when the connection was lost under the statement and a look for the operation did not find
 * it: only then it may be stored nonetheless.
 */
export async function acceptOperation(db: Db, operation: NewOperation): Promise<AcceptResult> {
  for (let attempt = 1; ; attempt++) {
    const id = mintOperationId();
    const batches = cutIntoBatches(operation.recipients);
    try {
      return await insertOperation(db, id, operation, batches);
    } catch (error) {
      if (mayBeCommitted(error)) {
        if (await isStored(db, id)) return accepted(id, operation, batches);
        throw new UnknownCommitError(id, error);
      }
      // 56 random bits a millisecond clash once in a very long while; three times in a row is another fault.
      if (attempt === MAX_ATTEMPTS || !(isUniqueViolation(error) || isTransactionConflict(error))) throw error;
    }
  }
}

/** How long the look for an operation may take whose commit was not heard of, in milliseconds: its caller waits. */
const LOOK_MS = 750;

// That it is not found yet proves nothing: the statement may still be running.
async function isStored(db: Db, id: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LOOK_MS);
  });
  const look = db.operation.findUnique({ where: { id }, select: { id: true } }).catch(() => null);
  const found = await Promise.race([look, late]);
  clearTimeout(timer);
  return found !== null;
}

function accepted(id: string, { sendAt }: NewOperation, batches: readonly Batch[]): AcceptedOperation {
  const made = batches.map((batch) => ({ ...batch, recipients: batch.recipients.length }));
  return { kind: "accepted", id, batches: sendAt === undefined ? made : [] };
}

async function insertOperation(
  db: Db,
  id: string,
  operation: NewOperation,
  batches: readonly Batch[],
): Promise<AcceptResult> {
  const { accountId, message, tags, recipients, sender, sendAt, idempotency, duplicates = [], ahead = 0 } = operation;
  const total = recipients.length;
  // Lists by time go by the id.
  const acceptedAt = timeOfUuid(id);
  const mayUse = providersOf(recipients);
  const waits = sendAt !== undefined;
  const samples = duplicates.length > 0 ? JSON.stringify(duplicates.slice(0, DUPLICATE_SAMPLES)) : null;
  const statement = Prisma.sql`
    with ${claim(accountId, id, idempotency)},
    operation as (
      insert into operations (
        id, account_id, created_at, updated_at, status, message, tags, expires_at, total, recipients, queued, scheduled, scheduled_for,
        ${SENDER_COLUMNS}, duplicates, duplicate_samples, ahead
      )
      select ${id}::uuid, ${accountId}::uuid, ${acceptedAt}, ${acceptedAt}, ${waits ? "SCHEDULED" : "PROCESSING"}::operation_status,
        ${JSON.stringify(message)}::jsonb, ${JSON.stringify(tags)}::jsonb,
        coalesce(${sendAt ?? null}::timestamptz, now()) + make_interval(secs => ${message.ttl}),
        ${total}, ${total}, ${waits ? 0 : total}, ${waits ? total : 0}, ${sendAt ?? null}::timestamptz,
        ${senderValues(sender, mayUse)}, ${duplicates.length}, ${samples}::jsonb, ${ahead}
      from claimed
    ), tagged as (
      insert into operation_tags (account_id, tag, operation_id)
      select ${accountId}::uuid, t.key || '=' || t.value, ${id}::uuid
      from claimed, jsonb_each_text(${JSON.stringify(tags)}::jsonb) as t
    ), batches as (
      insert into recipient_batches (id, operation_id, first_ordinal, recipients, content, lane, enqueue_at)
      select b.id, ${id}::uuid, b.first_ordinal, b.recipients, convert_to(b.content::text, 'UTF8'), b.lane,
        -- What waits for its time is enqueued by whoever starts the operation.
        case when ${waits} then 'infinity' else now() + make_interval(secs => ${ENQUEUE_GRACE_SECONDS}) end
      from claimed, rows from (
        json_to_recordset(${JSON.stringify(batches.map((batch) => toRow(batch, ahead)))}::json)
          as (id uuid, first_ordinal integer, recipients integer, lane smallint),
        json_array_elements(${encodeRecipientBatches(batches.map((batch) => batch.recipients))}::json)
      ) as b(id, first_ordinal, recipients, lane, content)
    )
    select (select locked from guard), exists (select from claimed)`;
  const [[isLocked, isClaimed] = []] = await queryDirectly(db, statement);
  if (isClaimed === true) return accepted(id, operation, batches);
  return isLocked === true && idempotency ? requireRepeated(db, accountId, idempotency.key) : { kind: "in-progress" };
}

/**
 * Claims the idempotency key: `guard` says whether nobody else is storing a request with it, `claimed` has a row when it
 * is ours now. A key is free again after 24 hours.
 */
function claim(accountId: string, id: string, idempotency: NewOperation["idempotency"]): Prisma.Sql {
  if (!idempotency) return Prisma.sql`guard as (select true as locked), claimed as (select from guard)`;
  const { key, fingerprint } = idempotency;
  return Prisma.sql`
    guard as materialized (
      select pg_try_advisory_xact_lock(hashtextextended(${`${accountId} ${key}`}, 0)) as locked
    ), claimed as (
      insert into idempotency_keys (account_id, key, fingerprint, operation_id)
      select ${accountId}::uuid, ${key}, ${fingerprint}, ${id}::uuid from guard where locked
      on conflict (account_id, key) do update
      set fingerprint = excluded.fingerprint, operation_id = excluded.operation_id, created_at = now()
      where idempotency_keys.created_at < now() - interval '24 hours'
      returning 1
    )`;
}

async function requireRepeated(db: Db, accountId: string, key: string): Promise<RepeatedOperation> {
  const repeated = await findRepeated(db, accountId, key);
  if (!repeated) throw new Error("A key that is taken has no operation.");
  return repeated;
}

/** What an account's idempotency key was used for in the last 24 hours. */
export async function findRepeated(db: Db, accountId: string, key: string): Promise<RepeatedOperation | undefined> {
  const [row] = await db.$queryRaw<{ id: string; fingerprint: Uint8Array }[]>`
    select operation_id::text as id, fingerprint from idempotency_keys
    where account_id = ${accountId}::uuid and key = ${key} and created_at >= now() - interval '24 hours'`;
  return row && { kind: "repeated", id: row.id, fingerprint: Buffer.from(row.fingerprint) };
}

interface Batch {
  id: string;
  firstOrdinal: number;
  recipients: readonly Recipient[];
}

function cutIntoBatches(recipients: readonly Recipient[]): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < recipients.length; start += RECIPIENT_BATCH_SIZE) {
    const slice = recipients.slice(start, start + RECIPIENT_BATCH_SIZE);
    batches.push({ id: mintRowId(), firstOrdinal: start + 1, recipients: slice });
  }
  return batches;
}

function toRow({ id, firstOrdinal, recipients }: Batch, ahead: number) {
  return { id, first_ordinal: firstOrdinal, recipients: recipients.length, lane: laneOf(ahead + firstOrdinal) };
}

// A user's devices are known at fan-out only: it may be any provider.
function providersOf(recipients: readonly Recipient[]): ReadonlySet<Provider> {
  const found = new Set<Provider>();
  for (const recipient of recipients) {
    if ("token" in recipient) found.add(recipient.provider);
    else if ("addresses" in recipient) for (const { provider } of recipient.addresses) found.add(provider);
    else return new Set(PROVIDERS);
  }
  return found;
}
