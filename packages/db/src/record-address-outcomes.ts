import {
  encodeLines,
  type LeaseRef,
  type LineRecord,
  laneOf,
  leaseKey,
  mintRowId,
  STATUS_COUNTERS,
} from "@fanfare/domain";
import { COMPLETED_OPERATION, type CompletedOperation, completedOf, type OnCompleted } from "./completed-operations.js";
import type { Db, Tx } from "./connect.js";
import { SENDER_FIELDS, senderOf } from "./operation-senders.js";
import { byDatabaseClock, databaseNow } from "./own-clock.js";
import {
  type Changes,
  isRecorded,
  type LockedNotification,
  type NotificationKey,
  type SettledNotification,
  type StoredAddress,
  settle,
  textOf,
} from "./settle-address-records.js";

interface FencedBatch extends LeaseRef {
  operationId: string;
}

/**
 * Records outcomes of recipients with several addresses, under the same fence as `recordOutcomes`. Their notifications
 * have rows, which lines of two providers may move at once: they are locked, and where each stands is worked out from
 * all of its addresses. A fallback whose turn has come gets a delivery batch.
 *
 * Locks, as everywhere: delivery batches by id, then notifications, then operations by id.
 *
 * @returns the keys of the leases whose records were written; those that were lost are missing.
 */
export async function recordAddressOutcomes(
  db: Db,
  records: readonly LineRecord[],
  { again, onCompleted }: { again: boolean; onCompleted: OnCompleted },
): Promise<Set<string>> {
  const { held, completed } = await db.$transaction(
    async (tx) => {
      const batches = await lockBatches(tx, records);
      const fenced = records.filter(({ lease }) => batches.has(leaseKey(lease)));
      const valid = byDatabaseClock(fenced, await databaseNow(tx));
      if (valid.length === 0) return { held: new Set<string>(), completed: [] };
      const all = valid.map((record) => ({ record, key: keyOf(batches, record) }));
      const notifications = await lockNotifications(tx, all);
      const addresses = await readAddresses(tx, [...notifications.values()]);
      const keyed = again ? all.filter((entry) => !isRecorded(entry, addresses)) : all;
      const changes = settle(keyed, notifications, addresses);
      await writeAttempts(tx, changes.attempts);
      await writeAddresses(tx, changes.states);
      await writeNotifications(tx, changes.states);
      await beginFallbacks(tx, changes.states, addresses);
      await closeLines(
        tx,
        keyed.map(({ record }) => record),
      );
      const completed = await countOperations(tx, changes);
      return { held: new Set(batches.keys()), completed };
    },
    { timeout: 30_000 },
  );
  onCompleted(completed);
  return held;
}

function keyOf(batches: ReadonlyMap<string, FencedBatch>, { lease, line }: LineRecord): NotificationKey {
  return { operationId: batches.get(leaseKey(lease))?.operationId ?? "", ordinal: line.ordinal };
}

async function lockBatches(tx: Tx, records: readonly LineRecord[]): Promise<Map<string, FencedBatch>> {
  const leases = records.map(({ lease }) => ({ id: lease.id, epoch: lease.epoch }));
  const rows = await tx.$queryRaw<FencedBatch[]>`
    select b.id::text, b.epoch, b.operation_id::text as "operationId" from delivery_batches b
    where (b.id, b.epoch) in (
      select id, epoch from json_to_recordset(${JSON.stringify(leases)}::json) as l(id uuid, epoch integer)
    )
    order by b.id for update`;
  return new Map(rows.map((row) => [leaseKey(row), row]));
}

async function lockNotifications(tx: Tx, keyed: readonly { key: NotificationKey }[]) {
  const rows = await tx.$queryRaw<LockedNotification[]>`
    select n.operation_id::text as "operationId", n.ordinal, n.status, n.attempts, n.rendered,
      o.cancel_requested_at is not null as canceled
    from notifications n join operations o on o.id = n.operation_id
    where (n.operation_id, n.ordinal) in (
      select k."operationId", k.ordinal
      from json_to_recordset(${JSON.stringify(keyed.map(({ key }) => key))}::json) as k("operationId" uuid, ordinal integer)
    )
    order by n.operation_id, n.ordinal for update of n`;
  return new Map(rows.map((row) => [textOf(row), row]));
}

async function readAddresses(tx: Tx, notifications: readonly LockedNotification[]) {
  const keys = notifications.map(({ operationId, ordinal }) => ({ operationId, ordinal }));
  const rows = await tx.notificationAddress.findMany({ where: { OR: keys }, orderBy: { position: "asc" } });
  const grouped = new Map<string, StoredAddress[]>();
  for (const row of rows) {
    const known = grouped.get(textOf(row));
    if (known) known.push(row);
    else grouped.set(textOf(row), [row]);
  }
  return grouped;
}

async function writeAttempts(tx: Tx, attempts: Changes["attempts"]): Promise<void> {
  const rows = attempts.flatMap(({ record: { attempt, line, lease, nextAttemptAt }, key, number }) =>
    attempt
      ? [{ ...attempt, ...key, number, batchId: lease.id, nextAttemptAt, position: line.position, token: line.token }]
      : [],
  );
  await tx.$executeRaw`
    insert into attempts (
      operation_id, ordinal, number, may_repeat, provider, outcome, blame, latency_ms, http_status, started_at,
      next_attempt_at, provider_code, provider_message_id, detail, position, token
    )
    select a."operationId", a.ordinal, a.number, a."mayRepeat", b.provider, a.outcome, a.blame, a."latencyMs",
      a."httpStatus", a."startedAt", a."nextAttemptAt", a."providerCode", a."providerMessageId", a.detail, a.position,
      a.token
    from json_to_recordset(${JSON.stringify(rows)}::json) as a(
      "operationId" uuid, ordinal integer, number smallint, "mayRepeat" boolean, outcome attempt_outcome, blame blame,
      "latencyMs" integer, "httpStatus" smallint, "startedAt" timestamptz, "nextAttemptAt" timestamptz,
      "providerCode" text, "providerMessageId" text, detail text, position smallint, token text, "batchId" uuid
    )
    join delivery_batches b on b.id = a."batchId"`;
}

async function writeAddresses(tx: Tx, states: readonly SettledNotification[]): Promise<void> {
  const rows = states.flatMap(({ before: { operationId, ordinal }, after }) =>
    after.addresses.map(({ position, status, attempts, nextAttemptAt, lastOutcome, errorCode, errorDetail }) => ({
      ...{ operationId, ordinal, position, status, attempts, nextAttemptAt, lastOutcome, errorCode, errorDetail },
    })),
  );
  await tx.$executeRaw`
    update notification_addresses n set status = a.status, attempts = a.attempts, next_attempt_at = a."nextAttemptAt",
      last_outcome = a."lastOutcome", error_code = a."errorCode", error_detail = a."errorDetail"
    from json_to_recordset(${JSON.stringify(rows)}::json) as a(
      "operationId" uuid, ordinal integer, position smallint, status notification_status, attempts smallint,
      "nextAttemptAt" timestamptz, "lastOutcome" attempt_outcome, "errorCode" text, "errorDetail" text
    )
    where n.operation_id = a."operationId" and n.ordinal = a.ordinal and n.position = a.position`;
}

async function writeNotifications(tx: Tx, states: readonly SettledNotification[]): Promise<void> {
  const rows = states.map(({ before: { operationId, ordinal }, after, attempts }) => {
    const { status, errorCode, errorDetail, nextAttemptAt } = after;
    return { operationId, ordinal, attempts, status, errorCode, errorDetail, nextAttemptAt };
  });
  await tx.$executeRaw`
    update notifications n set status = s.status, attempts = s.attempts, error_code = s."errorCode",
      error_detail = s."errorDetail", next_attempt_at = s."nextAttemptAt", updated_at = now()
    from json_to_recordset(${JSON.stringify(rows)}::json) as s(
      "operationId" uuid, ordinal integer, attempts integer, status notification_status, "errorCode" text,
      "errorDetail" text, "nextAttemptAt" timestamptz
    )
    where n.operation_id = s."operationId" and n.ordinal = s.ordinal`;
}

/** A batch a fallback: they are few, and the dispatcher enqueues what is due. */
async function beginFallbacks(
  tx: Tx,
  states: readonly SettledNotification[],
  addresses: ReadonlyMap<string, StoredAddress[]>,
): Promise<void> {
  const beginning = states.filter(({ after: { begin } }) => begin !== undefined);
  if (beginning.length === 0) return;
  const visibleAt = await databaseNow(tx);
  const operations = await operationsOf(tx, beginning);
  const batches = beginning.flatMap(({ before, after: { begin } }) => {
    const address = addresses.get(textOf(before))?.find(({ position }) => position === begin);
    const operation = operations.get(before.operationId);
    if (!address || !operation) return [];
    const { operationId, ordinal, rendered } = before;
    const credentialId = operation.credentials[address.provider];
    const line = { ordinal, token: address.token, position: address.position, rendered: rendered ?? undefined };
    return [
      {
        ...{ id: mintRowId(), operationId, provider: address.provider, credentialId, addressed: true },
        ...{ firstOrdinal: ordinal, lastOrdinal: ordinal, recipients: 1, openLines: 1 },
        ...{ lines: Buffer.from(encodeLines([line])), visibleAt, enqueueAt: visibleAt },
        lane: laneOf(operation.ahead + ordinal),
      },
    ];
  });
  await tx.deliveryBatch.createMany({ data: batches });
}

async function operationsOf(tx: Tx, states: readonly SettledNotification[]) {
  const ids = [...new Set(states.map(({ before }) => before.operationId))];
  const select = { id: true, ahead: true, ...SENDER_FIELDS };
  const rows = await tx.operation.findMany({ where: { id: { in: ids } }, select });
  return new Map(rows.map((row) => [row.id, { ahead: row.ahead, credentials: senderOf(row).credentials }]));
}

async function closeLines(tx: Tx, records: readonly LineRecord[]): Promise<void> {
  const closed = new Map<string, number>();
  for (const { lease, status } of records) {
    if (status !== "QUEUED") closed.set(lease.id, (closed.get(lease.id) ?? 0) + 1);
  }
  const input = JSON.stringify([...closed].map(([id, lines]) => ({ id, lines })));
  await tx.$executeRaw`
    delete from delivery_batches b using json_to_recordset(${input}::json) as c(id uuid, lines integer)
    where b.id = c.id and b.open_lines = c.lines`;
  await tx.$executeRaw`
    update delivery_batches b set open_lines = b.open_lines - c.lines, crashes = 0, tried_alone = false
    from json_to_recordset(${input}::json) as c(id uuid, lines integer) where b.id = c.id`;
}

/** An operation may be complete before all addresses of its last recipient were tried: who tries the rest does not complete it. */
async function countOperations(tx: Tx, { states, attempts }: Changes): Promise<CompletedOperation[]> {
  const deltas = new Map<string, Record<string, number>>();
  const add = (operationId: string, counter: string, by: number) => {
    const delta = deltas.get(operationId) ?? {
      sent: 0,
      undelivered: 0,
      failed: 0,
      canceled: 0,
      queued: 0,
      attempts: 0,
    };
    delta[counter] = (delta[counter] ?? 0) + by;
    deltas.set(operationId, delta);
  };
  for (const { before, after } of states) {
    if (before.status === after.status) continue;
    add(before.operationId, STATUS_COUNTERS[before.status], -1);
    add(before.operationId, STATUS_COUNTERS[after.status], 1);
  }
  for (const { key } of attempts) add(key.operationId, "attempts", 1);
  const rows = [...deltas].map(([id, delta]) => ({ id, ...delta }));
  const counted = await tx.$queryRaw<{ completed: CompletedOperation | null }[]>`
    with delta as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as d(
        id uuid, sent integer, undelivered integer, failed integer, canceled integer, queued integer, attempts integer
      )
    ), locked as (
      select o.id, o.completed_at from operations o where o.id in (select id from delta) order by o.id for update
    )
    update operations o set
      queued = o.queued + d.queued, sent = o.sent + d.sent, undelivered = o.undelivered + d.undelivered,
      failed = o.failed + d.failed, canceled = o.canceled + d.canceled, attempts = o.attempts + d.attempts,
      updated_at = now(),
      status = case
        when o.queued + d.queued > 0 or o.status <> 'PROCESSING' then o.status
        when o.canceled + d.canceled > 0 then 'CANCELED' else 'COMPLETED'
      end,
      completed_at = case when o.queued + d.queued = 0 and o.status = 'PROCESSING' then now() else o.completed_at end
    from delta d join locked l on l.id = d.id
    where o.id = d.id
    returning case when l.completed_at is null then ${COMPLETED_OPERATION} end as completed`;
  return completedOf(counted);
}
