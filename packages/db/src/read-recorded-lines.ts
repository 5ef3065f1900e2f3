import { lineKey, type RecordedLine } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";
import { timeIn } from "./own-clock.js";

/** Which lines belong to a leased batch. */
export interface LineRange {
  /** UUID of the batch. */
  id: string;
  operation_id: string;
  first_ordinal: number;
  last_ordinal: number;
}

/** What of a leased batch tells whether anything of it is on record. */
export interface RecordedRange extends LineRange {
  /** Whether its lines belong to recipients with several addresses: those have rows from the beginning. */
  addressed: boolean;
  recorded_lines: number;
}

type RecordedRow = Omit<RecordedLine, "nextAttemptAt"> & {
  batchId: string;
  ordinal: number;
  position?: number;
  nextAttemptInSeconds: number | null;
};

/**
 * Reads what is on record of leased batches, by batch and `lineKey`, in one statement of each kind that there is; rows of other
 * batches in a batch's range are among it. Those statements are to begin after the leases were committed: what the previous
 * holders recorded before that is seen, and after it they record nothing.
 */
export async function readRecordedLines(
  db: Db,
  batches: readonly RecordedRange[],
): Promise<Map<string, Map<string, RecordedLine>>> {
  const single = batches.filter(({ addressed, recorded_lines }) => !addressed && recorded_lines > 0);
  const several = batches.filter(({ addressed }) => addressed);
  const read = (ranges: readonly LineRange[], query: (ranges: readonly LineRange[]) => Prisma.Sql) =>
    ranges.length === 0 ? [] : db.$queryRaw<RecordedRow[]>(query(ranges));
  const rows = (await Promise.all([read(single, recordedLinesQuery), read(several, recordedAddressesQuery)])).flat();
  const recorded = new Map(batches.map(({ id }) => [id, new Map<string, RecordedLine>()]));
  for (const { batchId, ordinal, position, nextAttemptInSeconds, ...line } of rows) {
    const nextAttemptAt = nextAttemptInSeconds === null ? null : timeIn(nextAttemptInSeconds);
    recorded.get(batchId)?.set(lineKey({ ordinal, position }), { ...line, nextAttemptAt });
  }
  return recorded;
}

// `offset 0` keeps each range a question of its own, by both columns of the key. The planner knows nothing of an operation that is
// newer than its statistics, takes it for one row, and would join by the operation alone, so that each line reads all of it.
// For the same reason what belongs to a line is a subquery.
const ranges = (batches: readonly LineRange[]) => Prisma.sql`
  json_to_recordset(${JSON.stringify(
    batches.map(({ id, operation_id, first_ordinal, last_ordinal }) => ({
      ...{ id, operation_id, first_ordinal, last_ordinal },
    })),
  )}::json) as b(id uuid, operation_id uuid, first_ordinal integer, last_ordinal integer)`;

/** What is on record of the lines of batches. @internal */
export function recordedLinesQuery(batches: readonly LineRange[]): Prisma.Sql {
  return Prisma.sql`
    select b.id::text as "batchId", n.ordinal, n.status, n.attempts,
      extract(epoch from n.next_attempt_at - now())::float8 as "nextAttemptInSeconds",
      (
        -- As isStillUnknown of the domain.
        select case when a.may_repeat and (a.outcome = 'RETRY' or a.blame = 'credential') then 'UNKNOWN' else a.outcome end
        from attempts a
        where a.operation_id = n.operation_id and a.ordinal = n.ordinal and a.number = n.attempts and n.status = 'QUEUED'
      ) as "lastOutcome", (
        select f.started_at from attempts f
        where f.operation_id = n.operation_id and f.ordinal = n.ordinal and f.number = 1 and n.status = 'QUEUED'
      ) as "firstAttemptAt"
    from ${ranges(batches)}, lateral (
      select operation_id, ordinal, status, attempts, next_attempt_at from notifications
      where operation_id = b.operation_id and ordinal between b.first_ordinal and b.last_ordinal offset 0
    ) n`;
}

function recordedAddressesQuery(batches: readonly LineRange[]): Prisma.Sql {
  return Prisma.sql`
    select b.id::text as "batchId", n.ordinal, n.position, n.status, n.attempts,
      extract(epoch from n.next_attempt_at - now())::float8 as "nextAttemptInSeconds",
      n.last_outcome as "lastOutcome", (
        select min(f.started_at) from attempts f
        where f.operation_id = n.operation_id and f.ordinal = n.ordinal and f.position = n.position
          and n.status = 'QUEUED'
      ) as "firstAttemptAt"
    from ${ranges(batches)}, lateral (
      select operation_id, ordinal, position, status, attempts, next_attempt_at, last_outcome from notification_addresses
      where operation_id = b.operation_id and ordinal between b.first_ordinal and b.last_ordinal offset 0
    ) n`;
}
