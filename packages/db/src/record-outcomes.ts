import { type LeaseRef, type LineRecord, leaseKey } from "@fanfare/domain";
import { COMPLETED_OPERATION, type CompletedOperation, completedOf, type OnCompleted } from "./completed-operations.js";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { secondsUntil } from "./own-clock.js";

/**
 * Records a micro-batch of outcomes in ONE statement: checks the fence, inserts or updates notification rows, appends
 * attempts, moves the operations' counters, and moves or removes the delivery batches.
 *
 * The fence locks the batches' rows, so it is ordered with every lease: either this statement commits first, and who
 * takes the lease over reads what it wrote; or the lease does, the epoch no longer matches, and nothing of that batch
 * is written. That is why no insert here needs `on conflict`.
 *
 * How many lines of a batch are open is read under that lock too: the statement's own snapshot may be older than the
 * flush before it.
 *
 * With `again` an earlier try may have been committed although it failed: what is on record is left out. What has no key by
 * which a second insert fails, the end of a line without an attempt, counts only if it ends the row: whichever of two tries
 * comes second, however late, finds it ended.
 *
 * Rows of several batches and operations are locked in the order of their ids: two flushes can not deadlock. An operation's row is
 * locked once all else is written: others wait for it for the shortest time, and a second try meets the keys of the first before it
 * counts anything.
 *
 * @returns the keys of the leases whose records were written; those that were lost are missing.
 */
export async function recordOutcomes(
  db: Db,
  records: readonly LineRecord[],
  { again, onCompleted }: { again: boolean; onCompleted: OnCompleted },
): Promise<Set<string>> {
  const held = await db.$queryRaw<HeldRow[]>(recordOutcomesQuery(records, again));
  onCompleted(completedOf(held));
  return new Set(held.map(leaseKey));
}

/** A lease that was valid, and its operation if that is completed now. */
interface HeldRow extends LeaseRef {
  completed: CompletedOperation | null;
}

/** The statement of {@link recordOutcomes}. @internal */
export function recordOutcomesQuery(records: readonly LineRecord[], again: boolean): Prisma.Sql {
  const input = JSON.stringify(records.map(toInputRow));
  return Prisma.sql`
    with input as materialized (
      select line.*, now() + make_interval(secs => line.next_attempt_in_seconds) as next_attempt_at
      from json_to_recordset(${input}::json) as line(
        batch_id uuid, epoch integer, ordinal integer, token text, is_new boolean, status notification_status,
        attempts integer, error_code text, error_detail text, next_attempt_in_seconds float8,
        outcome attempt_outcome, blame blame, may_repeat boolean, http_status smallint, latency_ms integer,
        started_at timestamptz, provider_code text, provider_message_id text, detail text, rendered jsonb
      )
    ), fence as materialized (
      select b.id, b.epoch, b.operation_id, b.provider, b.open_lines from delivery_batches b
      where (b.id, b.epoch) in (select distinct batch_id, epoch from input)
      order by b.id for update
    ), fenced as materialized (
      select input.*, fence.operation_id, fence.provider, fence.open_lines
      from input join fence on fence.id = input.batch_id and fence.epoch = input.epoch
    ), ended as (
      update notifications n set
        status = f.status, attempts = f.attempts, updated_at = now(), next_attempt_at = null, error_code = f.error_code,
        error_detail = f.error_detail
      from fenced f
      where not f.is_new and f.outcome is null and n.operation_id = f.operation_id and n.ordinal = f.ordinal
        and n.status = 'QUEUED'
      returning n.operation_id, n.ordinal
    ), valid as materialized (
      select * from fenced f
      where case
        when f.is_new or f.outcome is not null then ${again ? NOT_YET_RECORDED : Prisma.sql`true`}
        else (f.operation_id, f.ordinal) in (select operation_id, ordinal from ended)
      end
    ), batch_delta as materialized (
      select batch_id, operation_id, open_lines, count(*) filter (where is_new) as recorded,
        count(*) filter (where status <> 'QUEUED') as closed,
        count(*) filter (where status = 'SENT') as sent,
        count(*) filter (where status = 'UNDELIVERED') as undelivered,
        count(*) filter (where status = 'FAILED') as failed,
        count(*) filter (where status = 'CANCELED') as canceled,
        count(outcome) as tried
      from valid group by batch_id, operation_id, open_lines
    ), operation_delta as materialized (
      select operation_id, sum(closed) as closed, sum(sent) as sent, sum(undelivered) as undelivered,
        sum(failed) as failed, sum(canceled) as canceled, sum(tried) as tried
      from batch_delta group by operation_id
    ), finished as (
      delete from delivery_batches b using batch_delta d where b.id = d.batch_id and d.open_lines = d.closed
    ), progressed as (
      update delivery_batches b
      set open_lines = b.open_lines - d.closed, recorded_lines = b.recorded_lines + d.recorded, crashes = 0,
        tried_alone = false
      from batch_delta d where b.id = d.batch_id and d.open_lines > d.closed
    ), born as (
      insert into notifications (
        operation_id, ordinal, provider, status, attempts, updated_at, next_attempt_at, token, error_code, error_detail,
        rendered
      )
      select operation_id, ordinal, provider, status, attempts, now(), next_attempt_at, token, error_code, error_detail,
        rendered
      from valid where is_new
      returning 1
    ), moved as (
      update notifications n set
        status = v.status, attempts = v.attempts, updated_at = now(), next_attempt_at = v.next_attempt_at,
        error_code = v.error_code, error_detail = v.error_detail
      from valid v
      where not v.is_new and v.outcome is not null and n.operation_id = v.operation_id and n.ordinal = v.ordinal
      returning 1
    ), tried as (
      insert into attempts (
        operation_id, ordinal, number, may_repeat, provider, outcome, blame, latency_ms, http_status, started_at,
        next_attempt_at, provider_code, provider_message_id, detail
      )
      select operation_id, ordinal, attempts, may_repeat, provider, outcome, blame, latency_ms, http_status, started_at,
        next_attempt_at, provider_code, provider_message_id, detail
      from valid where outcome is not null
      returning 1
    ), locked_operation as (
      select o.id from operations o
      where o.id in (select operation_id from operation_delta)
        and (select count(*) from born) + (select count(*) from moved) + (select count(*) from tried) >= 0
      order by o.id for update
    ), counted as (
      update operations o set
        queued = o.queued - d.closed, sent = o.sent + d.sent, undelivered = o.undelivered + d.undelivered,
        failed = o.failed + d.failed, canceled = o.canceled + d.canceled, attempts = o.attempts + d.tried,
        updated_at = now(),
        status = case
          when o.queued > d.closed or o.status <> 'PROCESSING' then o.status
          when o.canceled + d.canceled > 0 then 'CANCELED' else 'COMPLETED'
        end,
        completed_at = case when o.queued = d.closed and o.status = 'PROCESSING' then now() else o.completed_at end
      from operation_delta d join locked_operation l on l.id = d.operation_id
      where o.id = d.operation_id
      returning o.id, ${COMPLETED_OPERATION} as completed
    )
    select f.id::text, f.epoch, c.completed from fence f left join counted c on c.id = f.operation_id`;
}

/**
 * Each record changes the status or the number of attempts, so that a row which says both is of an earlier try. One that was
 * not committed yet when this statement began fails it by the key, and the next one sees it.
 *
 * No anti join, as in `recordedLinesQuery`: it would compare each record with all rows of its operation.
 */
const NOT_YET_RECORDED = Prisma.sql`(
  select n.ordinal from notifications n where n.operation_id = f.operation_id and n.ordinal = f.ordinal
    and n.status = f.status and n.attempts = f.attempts
) is null`;

// Fields that are undefined are left out of the JSON, and come out of it as null.
function toInputRow({ lease, line, attempt, ...record }: LineRecord) {
  return {
    batch_id: lease.id,
    epoch: lease.epoch,
    ordinal: line.ordinal,
    token: line.token,
    rendered: record.isNew ? line.rendered : undefined,
    is_new: record.isNew,
    status: record.status,
    attempts: record.attempts,
    error_code: record.errorCode,
    error_detail: record.errorDetail,
    next_attempt_in_seconds: record.nextAttemptAt && secondsUntil(record.nextAttemptAt),
    outcome: attempt?.outcome,
    blame: attempt?.blame,
    may_repeat: attempt?.mayRepeat,
    http_status: attempt?.httpStatus,
    latency_ms: attempt?.latencyMs,
    started_at: attempt?.startedAt,
    provider_code: attempt?.providerCode,
    provider_message_id: attempt?.providerMessageId,
    detail: attempt?.detail,
  };
}
