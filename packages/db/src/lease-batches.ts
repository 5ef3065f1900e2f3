import {
  type CredentialType,
  decodeLines,
  type LeasedBatch,
  type LeaseRef,
  type LeftOver,
  leaseKey,
  lineKey,
  type Provider,
  pushMessageSchema,
  type RecordedLine,
  SUSPICIOUS_CRASHES,
  type Suspicion,
} from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { secondsUntil, timeIn } from "./own-clock.js";

interface LeasedRow {
  id: string;
  operation_id: string;
  epoch: number;
  lines: Uint8Array;
  first_ordinal: number;
  last_ordinal: number;
  recorded_lines: number;
  addressed: boolean;
  canceled: boolean;
  /** The last holder did not give it back. */
  abandoned: boolean;
  taken_over: boolean;
  crashes: number;
  tried_alone: boolean;
  message: unknown;
  expires_at: Date;
  on_unknown: "RESEND" | "FAIL" | null;
  credential_id: string | null;
  credential_version: number | null;
  credential_type: CredentialType | null;
}

/**
 * Leases those of the batches that are due and that nobody holds, in one statement. Each gets `epoch + 1`: whoever held
 * it before can record nothing any more. `onLeased` is told of them before what is on record of them is read, which may take
 * longer than the lease lasts.
 */
export async function leaseBatches(
  db: Db,
  ids: readonly string[],
  { provider, holder, leaseMs }: { provider: Provider; holder: string; leaseMs: number },
  onLeased: (leases: readonly LeaseRef[]) => void = () => undefined,
): Promise<LeasedBatch[]> {
  const credentialId = provider === "FCM" ? Prisma.sql`o.fcm_credential_id` : Prisma.sql`o.apn_credential_id`;
  const rows = await db.$queryRaw<LeasedRow[]>`
    with due as (
      select id, operation_id, leased_by is not null as abandoned from delivery_batches
      where id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json))
        and provider = ${provider}::provider and visible_at <= now() and not canceled
      order by id for update skip locked
    )
    update delivery_batches b
    set epoch = b.epoch + 1, leased_by = ${holder}, taken_over = b.taken_over or due.abandoned,
      crashes = b.crashes + due.abandoned::integer,
      visible_at = now() + make_interval(secs => ${leaseMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${leaseMs / 1000})
    from due
      join operations o on o.id = due.operation_id
      left join apps a on a.id = o.app_id
      left join credentials c on c.id = coalesce(${credentialId}, ${defaultCredential(provider)})
    where b.id = due.id
    returning b.id::text, b.operation_id::text, b.epoch, b.lines, b.first_ordinal, b.last_ordinal, b.recorded_lines,
      b.addressed, due.abandoned, b.taken_over, b.crashes, b.tried_alone, o.message, o.expires_at,
      o.cancel_requested_at is not null as canceled, a.on_unknown, c.id::text as credential_id, c.version as credential_version, c.type as credential_type`;
  onLeased(rows.map(({ id, epoch }) => ({ id, epoch })));
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      operationId: row.operation_id,
      epoch: row.epoch,
      credential: credentialOf(row),
      lines: decodeLines(row.lines),
      addressed: row.addressed,
      canceled: row.canceled,
      takenOver: row.taken_over,
      suspicion: suspicionOf(row),
      recorded: await readRecordedLines(db, row),
      message: pushMessageSchema.parse(row.message),
      expiresAt: row.expires_at,
      onUnknown: row.on_unknown === "FAIL" ? "fail" : "resend",
    })),
  );
}

function suspicionOf({ abandoned, tried_alone, crashes }: LeasedRow): Suspicion {
  if (abandoned && tried_alone) return "convicted";
  return crashes >= SUSPICIOUS_CRASHES ? "suspected" : "none";
}

// Operations that were accepted before there were apps have none: they go out with the account's default app.
function defaultCredential(provider: Provider): Prisma.Sql {
  return Prisma.sql`(
    select d.id from credentials d join apps a on a.id = d.app_id
    where o.app_id is null and o.fcm_credential_id is null and o.apn_credential_id is null
      and a.account_id = o.account_id and a.is_default and d.is_default
      and d.type = ${provider === "FCM" ? "FCM" : "APN"}::credential_type
  )`;
}

function credentialOf(row: LeasedRow): LeasedBatch["credential"] {
  const { credential_id: id, credential_version: version, credential_type: type } = row;
  return id === null || version === null || type === null ? null : { id, version, type };
}

// A statement of its own, begun after the lease was committed: what the previous holder recorded before that is seen,
// and after it that holder records nothing.
async function readRecordedLines(db: Db, batch: LeasedRow): Promise<Map<string, RecordedLine>> {
  if (batch.addressed) return readRecordedAddresses(db, batch);
  if (batch.recorded_lines === 0) return new Map();
  const rows = await db.$queryRaw<(RecordedRow & { ordinal: number })[]>(recordedLinesQuery(batch));
  return new Map(rows.map(({ ordinal, ...row }) => [lineKey({ ordinal }), toRecordedLine(row)]));
}

/**
 * What is on record of a batch's lines. Subqueries, no joins: the planner knows nothing of an operation that is newer than its
 * statistics, takes it for one row, and would join by the operation alone, so that each line reads all attempts of it.
 */
export function recordedLinesQuery(
  batch: Pick<LeasedRow, "operation_id" | "first_ordinal" | "last_ordinal">,
): Prisma.Sql {
  return Prisma.sql`
    select n.ordinal, n.status, n.attempts, extract(epoch from n.next_attempt_at - now())::float8 as "nextAttemptInSeconds",
      (
        -- As isStillUnknown of the domain.
        select case when a.may_repeat and (a.outcome = 'RETRY' or a.blame = 'credential') then 'UNKNOWN' else a.outcome end
        from attempts a
        where a.operation_id = n.operation_id and a.ordinal = n.ordinal and a.number = n.attempts and n.status = 'QUEUED'
      ) as "lastOutcome", (
        select f.started_at from attempts f
        where f.operation_id = n.operation_id and f.ordinal = n.ordinal and f.number = 1 and n.status = 'QUEUED'
      ) as "firstAttemptAt"
    from notifications n
    where n.operation_id = ${batch.operation_id}::uuid
      and n.ordinal between ${batch.first_ordinal} and ${batch.last_ordinal}`;
}

async function readRecordedAddresses(db: Db, batch: LeasedRow): Promise<Map<string, RecordedLine>> {
  const rows = await db.$queryRaw<(RecordedRow & { ordinal: number; position: number })[]>`
    select n.ordinal, n.position, n.status, n.attempts, extract(epoch from n.next_attempt_at - now())::float8 as "nextAttemptInSeconds",
      n.last_outcome as "lastOutcome", (
        select min(f.started_at) from attempts f
        where f.operation_id = n.operation_id and f.ordinal = n.ordinal and f.position = n.position
          and n.status = 'QUEUED'
      ) as "firstAttemptAt"
    from notification_addresses n
    where n.operation_id = ${batch.operation_id}::uuid
      and n.ordinal between ${batch.first_ordinal} and ${batch.last_ordinal}`;
  return new Map(rows.map(({ ordinal, position, ...row }) => [lineKey({ ordinal, position }), toRecordedLine(row)]));
}

type RecordedRow = Omit<RecordedLine, "nextAttemptAt"> & { nextAttemptInSeconds: number | null };

function toRecordedLine({ nextAttemptInSeconds, ...line }: RecordedRow): RecordedLine {
  return { ...line, nextAttemptAt: nextAttemptInSeconds === null ? null : timeIn(nextAttemptInSeconds) };
}

/** Prolongs leases; of those whose keys are missing in `held` the batches were taken over. */
export async function renewLeases(
  db: Db,
  leases: readonly LeaseRef[],
  leaseMs: number,
): Promise<{ held: Set<string>; canceled: Set<string> }> {
  const rows = await db.$queryRaw<(LeaseRef & { canceled: boolean })[]>`
    with held as (
      select b.id, b.operation_id from delivery_batches b
      join json_to_recordset(${JSON.stringify(leases.map(({ id, epoch }) => ({ id, epoch })))}::json) as lease(id uuid, epoch integer)
        on lease.id = b.id and lease.epoch = b.epoch
      order by b.id for update of b
    )
    update delivery_batches b
    set visible_at = now() + make_interval(secs => ${leaseMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${leaseMs / 1000})
    from held join operations o on o.id = held.operation_id
    where b.id = held.id
    returning b.id::text, b.epoch, o.cancel_requested_at is not null as canceled`;
  const canceled = rows.filter((row) => row.canceled);
  return { held: new Set(rows.map(leaseKey)), canceled: new Set(canceled.map(leaseKey)) };
}

/**
 * Gives a batch back, to be leased again at `dueAt`. Only for a holder that has nothing in flight and everything
 * recorded. A take-over is forgotten only when all that was due was tried since: with lines that are `untried` it still
 * holds what the one before it may have sent. Does nothing when the lease was lost.
 */
export async function releaseBatch(db: Db, lease: LeaseRef, { dueAt, untried }: LeftOver): Promise<void> {
  await db.$executeRaw`
    update delivery_batches set leased_by = null, tried_alone = false, taken_over = taken_over and ${untried},
      visible_at = now() + due.delay, enqueue_at = now() + due.delay
    from (select make_interval(secs => ${secondsUntil(dueAt)}) as delay) due
    where id = ${lease.id}::uuid and epoch = ${lease.epoch}`;
}
