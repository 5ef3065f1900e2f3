import type { LineRecord } from "@fanfare/domain";
import { COMPLETED_OPERATION, type CompletedOperation } from "./completed-operations.js";
import type { Db } from "./connect.js";

/** Operations that were completed by a try whose answer was lost. */
export interface LostCompletions {
  /**
   * Those that some try to make these records completed: a notification of theirs ended in the statement that did it. That it was
   * this worker's is known by the attempts; of a line that ended without one it is taken to be so.
   */
  find(records: readonly LineRecord[]): Promise<CompletedOperation[]>;
  /** Those that it was not asked about yet: the records of one statement may be made again in several. */
  untold(completed: readonly CompletedOperation[]): CompletedOperation[];
}

/** So many are remembered: records are made again for as long as an outage lasts. */
const REMEMBERED = 10_000;

/** Makes an empty set. */
export function createLostCompletions(db: Db): LostCompletions {
  const told = new Set<string>();

  function remember(key: string): void {
    told.add(key);
    const [oldest] = told;
    if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
  }

  return {
    async find(records) {
      const input = records.map(({ lease, line, attempt }) => ({
        ...{ operation_id: lease.operationId, ordinal: line.ordinal, started_at: attempt?.startedAt },
      }));
      const rows = await db.$queryRaw<{ completed: CompletedOperation }[]>`
        with ended as materialized (
          select n.operation_id, n.updated_at
          from json_to_recordset(${JSON.stringify(input)}::json) as r(
            operation_id uuid, ordinal integer, started_at timestamptz
          ), lateral (
            select operation_id, updated_at from notifications
            where operation_id = r.operation_id and ordinal = r.ordinal offset 0
          ) n
          where r.started_at is null or exists (
            select from attempts a
            where a.operation_id = r.operation_id and a.ordinal = r.ordinal and a.started_at = r.started_at
          )
        )
        select ${COMPLETED_OPERATION} as completed from operations o
        where (o.id, o.completed_at) in (select operation_id, updated_at from ended)`;
      return rows.map(({ completed }) => completed);
    },
    untold(completed) {
      const fresh = completed.filter(({ id, completedAt }) => !told.has(`${id} ${completedAt}`));
      for (const { id, completedAt } of fresh) remember(`${id} ${completedAt}`);
      return fresh;
    },
  };
}
