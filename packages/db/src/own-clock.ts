import type { LineRecord } from "@fanfare/domain";
import type { Db } from "./connect.js";

// When something is due the database's clock alone decides. A process may have another one, minutes off: between the two
// go delays, which both understand, and no times.

/** How long it is until a time of this process's clock, in seconds; negative when it has passed. */
export function secondsUntil(time: Date): number {
  return (time.getTime() - Date.now()) / 1000;
}

/** The time of this process's clock that lies so many seconds ahead. */
export function timeIn(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

/** The database's time, of the transaction. */
export async function databaseNow(tx: Pick<Db, "$queryRaw">): Promise<Date> {
  const [row] = await tx.$queryRaw<[{ now: Date }]>`select now()`;
  return row.now;
}

/** Records whose next attempts are told by the database's clock, where it is `now`, instead of by this process's. */
export function byDatabaseClock(records: readonly LineRecord[], now: Date): LineRecord[] {
  return records.map((record) => {
    const { nextAttemptAt } = record;
    if (!nextAttemptAt) return record;
    return { ...record, nextAttemptAt: new Date(now.getTime() + secondsUntil(nextAttemptAt) * 1000) };
  });
}
