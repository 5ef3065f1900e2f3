import type { LeasedBatch, RecordedLine } from "@fanfare/domain";

/** What is to be done with a line of a leased batch now. */
export type LinePlan =
  | { kind: "send"; attemptNumber: number; isNew: boolean; mayRepeat: boolean }
  /** Its TTL passed before a provider accepted it. */
  | { kind: "expire"; attempts: number; isNew: boolean }
  /** Its notification has a terminal status, or its retry is not due yet (`dueAt`). */
  | { kind: "leave"; dueAt?: Date };

/** Decides what is to be done with a line, from what is on record of it. */
export function planLine(batch: LeasedBatch, recorded: RecordedLine | undefined, now: Date): LinePlan {
  if (recorded && recorded.status !== "QUEUED") return { kind: "leave" };
  if (recorded?.nextAttemptAt && recorded.nextAttemptAt > now) return { kind: "leave", dueAt: recorded.nextAttemptAt };
  const attempts = recorded?.attempts ?? 0;
  const isNew = recorded === undefined;
  // TTL 0 means "one attempt", not "none".
  const onlyAttempt = batch.message.ttl === 0 && attempts === 0;
  if (now >= batch.expiresAt && !onlyAttempt) return { kind: "expire", attempts, isNew };
  // After a take-over nobody knows which of the lines without a new record the previous holder had sent.
  const mayRepeat = batch.takenOver || recorded?.lastOutcome === "UNKNOWN";
  return { kind: "send", attemptNumber: attempts + 1, isNew, mayRepeat };
}
