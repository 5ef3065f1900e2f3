import {
  type CredentialType,
  decodeLines,
  type LeasedBatch,
  type LeaseRef,
  type LeftOver,
  leaseKey,
  PROVIDER_TRAITS,
  type Provider,
  readStoredMessage,
  STORED_FORMS,
  SUSPICIOUS_CRASHES,
  type Suspicion,
} from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { credentialIdFor, HAS_NO_SENDER } from "./operation-senders.js";
import { secondsUntil } from "./own-clock.js";
import { type RecordedRange, readRecordedLines } from "./read-recorded-lines.js";

interface LeasedRow extends RecordedRange {
  epoch: number;
  lines: Uint8Array;
  canceled: boolean;
  /** It was not given back, be it by an earlier try of the same call. */
  held: boolean;
  taken_over: boolean;
  crashes: number;
  tried_alone: boolean;
  message: unknown;
  expires_at: Date;
  on_unknown: "RESEND" | "FAIL" | null;
  credential_id: string | null;
  credential_version: number | null;
  credential_type: CredentialType | null;
  wait_code: string | null;
  wait_detail: string | null;
}

/** Who leases, for how long, and in which call. */
export interface LeaseOptions {
  provider: Provider;
  holder: string;
  /** Names the call: one that is made again, since its answer may have been lost, finds what it has leased. */
  call: string;
  leaseMs: number;
}

/**
 * Leases those of the batches that are due and that nobody holds, in one statement. Each gets `epoch + 1`: whoever held
 * it before can record nothing any more. What only a newer release can read is left to its workers. `onLeased` is told
 * of them before what is on record of them is read, which may take longer than the lease lasts.
 */
export async function leaseBatches(
  db: Db,
  ids: readonly string[],
  { provider, holder, call, leaseMs }: LeaseOptions,
  onLeased: (leases: readonly LeaseRef[]) => void = () => undefined,
): Promise<LeasedBatch[]> {
  const leasedBy = `${holder} ${call}`;
  const rows = await db.$queryRaw<LeasedRow[]>`
    with due as (
      select id, operation_id, credential_id, leased_by is not null as held,
        leased_by is not null and leased_by <> ${leasedBy} as abandoned
      from delivery_batches
      where id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json))
        and provider = ${provider}::provider and (visible_at <= now() or leased_by = ${leasedBy}) and not canceled
        and lines_version <= ${STORED_FORMS.lines}
      order by id for update skip locked
    )
    update delivery_batches b
    set epoch = b.epoch + 1, leased_by = ${leasedBy}, taken_over = b.taken_over or due.abandoned,
      crashes = b.crashes + due.abandoned::integer,
      visible_at = now() + make_interval(secs => ${leaseMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${leaseMs / 1000})
    from due
      join operations o on o.id = due.operation_id
      left join apps a on a.id = o.app_id
      left join credentials c on c.id = coalesce(due.credential_id, ${credentialIdFor(provider)}, ${defaultCredential(provider)})
    where b.id = due.id and o.message_version <= ${STORED_FORMS.message}
    returning b.id::text, b.operation_id::text, b.epoch, b.lines, b.first_ordinal, b.last_ordinal, b.recorded_lines,
      b.addressed, due.held, b.taken_over, b.crashes, b.tried_alone, b.wait_code, b.wait_detail, o.message, o.expires_at,
      o.cancel_requested_at is not null as canceled, a.on_unknown, c.id::text as credential_id, c.version as credential_version, c.type as credential_type`;
  onLeased(rows.map(({ id, epoch }) => ({ id, epoch })));
  if (rows.length < ids.length) await postponeUnreadable(db, ids);
  const recorded = await readRecordedLines(db, rows);
  return rows.map((row) => ({
    id: row.id,
    operationId: row.operation_id,
    epoch: row.epoch,
    credential: credentialOf(row),
    lines: decodeLines(row.lines),
    addressed: row.addressed,
    canceled: row.canceled,
    takenOver: row.taken_over,
    suspicion: suspicionOf(row),
    recorded: recorded.get(row.id) ?? new Map(),
    message: readStoredMessage(row.message),
    expiresAt: row.expires_at,
    onUnknown: row.on_unknown === "FAIL" ? "fail" : "resend",
    ...(row.wait_code !== null && { waitedFor: { code: row.wait_code, detail: row.wait_detail ?? "" } }),
  }));
}

/** For how long what only a newer release can read is left to its workers, in seconds: else it would be enqueued without a pause. */
const POSTPONE_SECONDS = 5;

async function postponeUnreadable(db: Db, ids: readonly string[]): Promise<void> {
  await db.$executeRaw`
    with unreadable as (
      select b.id from delivery_batches b
      where b.id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json))
        and b.visible_at <= now() and not b.canceled
        and (
          b.lines_version > ${STORED_FORMS.lines}
          or (select o.message_version from operations o where o.id = b.operation_id) > ${STORED_FORMS.message}
        )
      order by b.id for update skip locked
    )
    update delivery_batches b set visible_at = now() + later.pause, enqueue_at = now() + later.pause
    from unreadable, (select make_interval(secs => ${POSTPONE_SECONDS}) as pause) later
    where b.id = unreadable.id`;
}

function suspicionOf({ held, tried_alone, crashes }: LeasedRow): Suspicion {
  if (held && tried_alone) return "convicted";
  return crashes >= SUSPICIOUS_CRASHES ? "suspected" : "none";
}

// Operations that were accepted before there were apps have none: they go out with the account's default app.
function defaultCredential(provider: Provider): Prisma.Sql {
  return Prisma.sql`(
    select d.id from credentials d join apps a on a.id = d.app_id
    where ${HAS_NO_SENDER} and a.account_id = o.account_id and a.is_default and d.is_default
      and d.type = ${PROVIDER_TRAITS[provider].credentialTypes[0]}::credential_type
  )`;
}

function credentialOf(row: LeasedRow): LeasedBatch["credential"] {
  const { credential_id: id, credential_version: version, credential_type: type } = row;
  return id === null || version === null || type === null ? null : { id, version, type };
}

/**
 * Prolongs leases; of those whose keys are missing in `held` the batches were taken over, or given back by a statement that was
 * quicker: that one is due, and stays so.
 */
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
      where b.leased_by is not null
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
 * holds what the one before it may have sent. `reason` takes the place of the one before, also where there is none. Does nothing
 * when the lease was lost.
 */
export async function releaseBatch(db: Db, lease: LeaseRef, { dueAt, untried, reason }: LeftOver): Promise<void> {
  await db.$executeRaw`
    update delivery_batches set leased_by = null, tried_alone = false, taken_over = taken_over and ${untried},
      wait_code = ${reason?.code ?? null}, wait_detail = ${reason?.detail ?? null},
      visible_at = now() + due.delay, enqueue_at = now() + due.delay
    from (select make_interval(secs => ${secondsUntil(dueAt)}) as delay) due
    where id = ${lease.id}::uuid and epoch = ${lease.epoch}`;
}
