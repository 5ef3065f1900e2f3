import {
  decodeLines,
  type LeasedBatch,
  type LeaseRef,
  type Provider,
  pushMessageSchema,
  type RecordedLine,
} from "@fanfare/domain";
import type { Db } from "./connect.js";

interface LeasedRow {
  id: string;
  operation_id: string;
  epoch: number;
  lines: Uint8Array;
  first_ordinal: number;
  last_ordinal: number;
  recorded_lines: number;
  taken_over: boolean;
  message: unknown;
  created_at: Date;
  expires_at: Date;
}

/**
 * Leases those of the batches that are due and that nobody holds, in one statement. Each gets `epoch + 1`: whoever held
 * it before can record nothing any more.
 */
export async function leaseBatches(
  db: Db,
  ids: readonly string[],
  { provider, holder, leaseMs }: { provider: Provider; holder: string; leaseMs: number },
): Promise<LeasedBatch[]> {
  const rows = await db.$queryRaw<LeasedRow[]>`
    with due as (
      select id, leased_by is not null as taken_over from delivery_batches
      where id in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::json))
        and provider = ${provider}::provider and visible_at <= now()
      order by id for update skip locked
    )
    update delivery_batches b
    set epoch = b.epoch + 1, leased_by = ${holder},
      visible_at = now() + make_interval(secs => ${leaseMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${leaseMs / 1000})
    from due join operations o on true
    where b.id = due.id and o.id = b.operation_id
    returning b.id::text, b.operation_id::text, b.epoch, b.lines, b.first_ordinal, b.last_ordinal, b.recorded_lines,
      due.taken_over, o.message, o.created_at, o.expires_at`;
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      operationId: row.operation_id,
      epoch: row.epoch,
      lines: decodeLines(row.lines),
      takenOver: row.taken_over,
      recorded: row.recorded_lines > 0 ? await readRecordedLines(db, row) : new Map(),
      message: pushMessageSchema.parse(row.message),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    })),
  );
}

// A statement of its own, begun after the lease was committed: what the previous holder recorded before that is seen,
// and after it that holder records nothing.
async function readRecordedLines(db: Db, batch: LeasedRow): Promise<Map<number, RecordedLine>> {
  const rows = await db.$queryRaw<(RecordedLine & { ordinal: number })[]>`
    select n.ordinal, n.status, n.attempts, n.next_attempt_at as "nextAttemptAt", a.outcome as "lastOutcome"
    from notifications n
    left join attempts a
      on a.operation_id = n.operation_id and a.ordinal = n.ordinal and a.number = n.attempts and n.status = 'QUEUED'
    where n.operation_id = ${batch.operation_id}::uuid
      and n.ordinal between ${batch.first_ordinal} and ${batch.last_ordinal}`;
  return new Map(rows.map(({ ordinal, ...line }) => [ordinal, line]));
}

/** Prolongs leases and returns the ids of those that are still held; the others were taken over. */
export async function renewLeases(db: Db, leases: readonly LeaseRef[], leaseMs: number): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    with held as (
      select b.id from delivery_batches b
      join json_to_recordset(${JSON.stringify(leases.map(({ id, epoch }) => ({ id, epoch })))}::json) as lease(id uuid, epoch integer)
        on lease.id = b.id and lease.epoch = b.epoch
      order by b.id for update of b
    )
    update delivery_batches b
    set visible_at = now() + make_interval(secs => ${leaseMs / 1000}),
      enqueue_at = now() + make_interval(secs => ${leaseMs / 1000})
    from held where b.id = held.id
    returning b.id::text`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Gives a batch back, to be leased again at `dueAt`. Only for a holder that has nothing in flight and everything
 * recorded. Does nothing when the lease was lost.
 */
export async function releaseBatch(db: Db, lease: LeaseRef, dueAt: Date): Promise<void> {
  await db.$executeRaw`
    update delivery_batches set leased_by = null, visible_at = ${dueAt}, enqueue_at = ${dueAt}
    where id = ${lease.id}::uuid and epoch = ${lease.epoch}`;
}
