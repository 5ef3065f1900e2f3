import { randomUUID } from "node:crypto";
import {
  type Address,
  type DeliveryLine,
  decodeRecipients,
  encodeLines,
  laneOf,
  mintRowId,
  type Provider,
  type PushMessage,
  type Recipient,
  type Rendered,
  readStoredMessage,
  STORED_FORMS,
  SUSPICIOUS_CRASHES,
  type Suspicion,
} from "@fanfare/domain";
import { ENQUEUE_GRACE_SECONDS } from "./accept-operation.js";
import { COMPLETED_OPERATION, type CompletedOperation, completedOf, type OnCompleted } from "./completed-operations.js";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { type OperationSender, SENDER_FIELDS, senderOf } from "./operation-senders.js";

/** What fan-out needs to know of an operation. */
export interface FanOutOperation extends OperationSender {
  id: string;
  message: PushMessage;
  tags: Record<string, string>;
  /** How far back in the queues its batches begin, in recipients. */
  ahead: number;
}

/** A recipient batch as it was accepted, in a worker's hands. */
export interface RecipientBatch {
  id: string;
  /** UUID of the call that took hold of it. */
  heldBy: string;
  suspicion: Suspicion;
  operation: FanOutOperation;
  firstOrdinal: number;
  recipients: Recipient[];
}

/** A delivery batch that fan-out makes. */
export interface NewDeliveryBatch {
  id: string;
  operationId: string;
  provider: Provider;
  /** UUID of the credential that it is sent with; null: its account's default one. */
  credentialId: string | null;
  /** Whether its lines belong to recipients with several addresses. */
  addressed: boolean;
  lines: DeliveryLine[];
}

/** A notification that gets its row at fan-out: one of several addresses, or one that failed before any provider call. */
export interface NewNotification {
  ordinal: number;
  status: "QUEUED" | "FAILED";
  /** Of a recipient that was given as a single address. */
  address?: Address | undefined;
  userId?: string | undefined;
  policy?: "FIRST" | "ALL" | undefined;
  rendered?: Rendered | undefined;
  error?: { code: string; detail: string } | undefined;
  /** Its addresses, in their order; those that are not QUEUED are fallbacks. */
  addresses: readonly (Address & { status: "QUEUED" | "SCHEDULED" })[];
}

/** What fan-out makes of a recipient batch. */
export interface FannedOut {
  deliveryBatches: readonly NewDeliveryBatch[];
  notifications: readonly NewNotification[];
  /** Recipients without any usable address. */
  unaddressable: number;
}

interface HeldRow {
  id: string;
  operationId: string;
  firstOrdinal: number;
  content: Uint8Array;
  crashes: number;
  convicted: boolean;
}

/**
 * Takes hold of recipient batches for `holdMs`; those that are fanned out, canceled, or in another worker's hands are missing
 * from the answer, as are those that only a newer release can read. Whoever holds one replaces it, or gives it back; a hold that
 * runs out is a worker that died. Made again under the name of its call (a UUID), since its answer may have been lost, it finds
 * what it holds.
 */
export async function holdRecipientBatches(
  db: Db,
  ids: readonly string[],
  holdMs: number,
  call: string = randomUUID(),
): Promise<RecipientBatch[]> {
  const rows = await db.$queryRaw<HeldRow[]>`
    with free as (
      select r.id, r.held_until is not null as held,
        r.held_until is not null and r.held_by is distinct from ${call}::uuid as abandoned
      from recipient_batches r
      where r.id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json)) and not r.canceled
        and (r.held_until is null or r.held_until <= now() or r.held_by = ${call}::uuid)
        and r.content_version <= ${STORED_FORMS.recipients}
        and exists (
          select from operations o
          where o.id = r.operation_id and o.status = 'PROCESSING' and o.message_version <= ${STORED_FORMS.message}
        )
      order by r.id for update skip locked
    )
    update recipient_batches r
    set held_by = ${call}::uuid, held_until = now() + make_interval(secs => ${holdMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${holdMs / 1000}), crashes = r.crashes + free.abandoned::integer
    from free where r.id = free.id
    returning r.id::text, r.operation_id::text as "operationId", r.first_ordinal as "firstOrdinal", r.content,
      r.crashes, free.held and r.tried_alone as convicted`;
  const operations = await db.operation.findMany({
    where: { id: { in: rows.map(({ operationId }) => operationId) } },
    select: { ...{ id: true, message: true, tags: true, ahead: true }, ...SENDER_FIELDS },
  });
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return rows.flatMap(({ operationId, content, crashes, convicted, ...row }) => {
    const operation = byId.get(operationId);
    if (!operation) return [];
    const message = readStoredMessage(operation.message);
    const { id, ahead } = operation;
    const tags = operation.tags as Record<string, string>;
    const suspected = crashes >= SUSPICIOUS_CRASHES ? "suspected" : "none";
    const suspicion = convicted ? "convicted" : suspected;
    return [
      {
        ...row,
        heldBy: call,
        operation: { id, ahead, message, tags, ...senderOf(operation) },
        suspicion,
        recipients: decodeRecipients(content),
      },
    ];
  });
}

/**
 * Replaces recipient batches by what was made of them, in one statement, and returns the ids of those recipient batches
 * that it replaced. The deletion is the fence: of two workers that fan out the same recipient batch one deletes its row
 * and inserts, the other finds no row and inserts nothing. One that was canceled meanwhile is not replaced.
 *
 * With `setAside` its row stays for a redrive, marked so that nobody fans it out. An operation of which nothing is left to be sent is
 * completed by it.
 */
export async function replaceByFannedOut(
  db: Db,
  made: ReadonlyMap<RecipientBatch, FannedOut>,
  { setAside = false, onCompleted }: { setAside?: boolean; onCompleted?: OnCompleted } = {},
): Promise<Set<string>> {
  const removal = setAside
    ? Prisma.sql`update recipient_batches r
        set canceled = true, set_aside = true, held_until = null, tried_alone = false, crashes = 0, enqueue_at = 'infinity'
        from locked where r.id = locked.id returning r.id`
    : Prisma.sql`delete from recipient_batches r using locked where r.id = locked.id returning r.id`;
  const sources = [...made].map(([source, { notifications, unaddressable }]) => ({
    id: source.id,
    operation_id: source.operation.id,
    unaddressable,
    failed: notifications.filter(({ status }) => status === "FAILED").length,
  }));
  const batches = [...made].flatMap(([source, { deliveryBatches }]) =>
    deliveryBatches.map((batch) => toBatchRow(source, batch)),
  );
  const notifications = [...made].flatMap(([source, fanned]) =>
    fanned.notifications.map((notification) => toNotificationRow(source, notification)),
  );
  const addresses = [...made].flatMap(([source, fanned]) =>
    fanned.notifications.flatMap((notification) => toAddressRows(source, notification)),
  );
  const replaced = await db.$queryRaw<{ id: string; completed: CompletedOperation | null }[]>`
    with source as materialized (
      select * from json_to_recordset(${JSON.stringify(sources)}::json)
        as s(id uuid, operation_id uuid, unaddressable integer, failed integer)
    ), locked as (
      select r.id from recipient_batches r where r.id in (select id from source) and not r.canceled order by r.id for update
    ), gone as (
      ${removal}
    ), born as (
      insert into delivery_batches (
        id, operation_id, provider, credential_id, first_ordinal, last_ordinal, recipients, open_lines, lines, visible_at,
        lane, enqueue_at, addressed
      )
      select b.id, b.operation_id, b.provider, b.credential_id, b.first_ordinal, b.last_ordinal, b.recipients, b.recipients,
        convert_to(b.lines, 'UTF8'), now(), b.lane, now() + make_interval(secs => ${ENQUEUE_GRACE_SECONDS}), b.addressed
      from json_to_recordset(${JSON.stringify(batches)}::json) as b(
        id uuid, source_id uuid, operation_id uuid, provider provider, credential_id uuid, first_ordinal integer, last_ordinal integer,
        recipients integer, lines text, lane smallint, addressed boolean
      )
      join gone on gone.id = b.source_id
    ), noted as (
      insert into notifications (
        operation_id, ordinal, provider, status, attempts, updated_at, token, error_code, error_detail, user_id, policy,
        rendered
      )
      select n.operation_id, n.ordinal, n.provider, n.status, 0, now(), n.token, n.error_code, n.error_detail, n.user_id,
        n.policy, n.rendered
      from json_to_recordset(${JSON.stringify(notifications)}::json) as n(
        source_id uuid, operation_id uuid, ordinal integer, provider provider, status notification_status, token text,
        error_code text, error_detail text, user_id uuid, policy address_policy, rendered jsonb
      )
      join gone on gone.id = n.source_id
    ), addressed as (
      insert into notification_addresses (operation_id, ordinal, position, provider, status, token)
      select a.operation_id, a.ordinal, a.position, a.provider, a.status, a.token
      from json_to_recordset(${JSON.stringify(addresses)}::json) as a(
        source_id uuid, operation_id uuid, ordinal integer, position smallint, provider provider,
        status notification_status, token text
      )
      join gone on gone.id = a.source_id
    ), delta as (
      select s.operation_id, sum(s.unaddressable) as unaddressable, sum(s.failed) as failed
      from source s join gone on gone.id = s.id group by s.operation_id
      having sum(s.unaddressable + s.failed) > 0
    ), locked_operation as (
      select o.id from operations o where o.id in (select operation_id from delta) order by o.id for update
    ), counted as (
      update operations o set
        total = o.total - d.unaddressable, unaddressable = o.unaddressable + d.unaddressable,
        queued = o.queued - d.unaddressable - d.failed, failed = o.failed + d.failed, updated_at = now(),
        status = case
          when o.queued > d.unaddressable + d.failed then o.status
          when o.canceled > 0 then 'CANCELED' else 'COMPLETED'
        end,
        completed_at = case when o.queued = d.unaddressable + d.failed then now() else o.completed_at end
      from delta d join locked_operation l on l.id = d.operation_id
      where o.id = d.operation_id
      returning o.id, ${COMPLETED_OPERATION} as completed
    )
    select g.id::text, c.completed from gone g join source s on s.id = g.id left join counted c on c.id = s.operation_id`;
  onCompleted?.(completedOf(replaced));
  return new Set(replaced.map(({ id }) => id));
}

function toBatchRow(source: RecipientBatch, batch: NewDeliveryBatch) {
  const { id, operationId, provider, credentialId, addressed, lines } = batch;
  const firstOrdinal = lines[0]?.ordinal ?? 1;
  return {
    ...{ id, source_id: source.id, operation_id: operationId, provider, credential_id: credentialId, addressed },
    first_ordinal: firstOrdinal,
    last_ordinal: lines.at(-1)?.ordinal,
    recipients: lines.length,
    lines: encodeLines(lines),
    lane: laneOf(source.operation.ahead + firstOrdinal),
  };
}

function toNotificationRow(source: RecipientBatch, notification: NewNotification) {
  const { ordinal, status, address, userId, policy, rendered, error } = notification;
  return {
    ...{ source_id: source.id, operation_id: source.operation.id, ordinal, status, policy, rendered },
    ...{ provider: address?.provider, token: address?.token, user_id: userId },
    ...{ error_code: error?.code, error_detail: error?.detail },
  };
}

function toAddressRows(source: RecipientBatch, { ordinal, addresses }: NewNotification) {
  return addresses.map(({ provider, token, status }, position) => ({
    ...{ source_id: source.id, operation_id: source.operation.id, ordinal, position, provider, status, token },
  }));
}

/** A fresh delivery batch of some lines of an operation. */
export function newDeliveryBatch(
  { id: operationId, credentials }: Pick<FanOutOperation, "id" | "credentials">,
  provider: Provider,
  lines: DeliveryLine[],
  addressed = false,
): NewDeliveryBatch {
  return { id: mintRowId(), operationId, provider, credentialId: credentials[provider], addressed, lines };
}
