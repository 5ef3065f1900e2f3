import { type DeliveryLine, type LeasedBatch, lineKey } from "@fanfare/domain";

/** What is to be done with a line of a leased batch now. */
export type LinePlan =
  | { kind: "send"; attemptNumber: number; isNew: boolean; mayRepeat: boolean; firstAttemptAt: Date | null }
  /** It ends without a call, for one of these reasons. */
  | { kind: "end"; reason: EndReason; attempts: number; isNew: boolean }
  /** Its notification has a terminal status, or its retry is not due yet (`dueAt`). */
  | { kind: "leave"; dueAt?: Date };

/**
 * Why a line is not sent any more: canceled by the sender, its TTL is over, there is nothing to send it with, it may have
 * been sent before and its app wants nothing sent twice, or each worker that sends it dies.
 */
export type EndReason = "canceled" | "expired" | "no-credential" | "unknown" | "crashes";

/** Decides what is to be done with a line, from what is on record of it. */
export function planLine(batch: LeasedBatch, line: DeliveryLine, now: Date): LinePlan {
  const recorded = batch.recorded.size > 0 ? batch.recorded.get(lineKey(line)) : undefined;
  if (recorded && recorded.status !== "QUEUED") return { kind: "leave" };
  const attempts = recorded?.attempts ?? 0;
  // Of a recipient with several addresses there is a row from the beginning.
  const isNew = recorded === undefined;
  const end = (reason: EndReason) => ({ kind: "end", reason, attempts, isNew }) as const;
  if (batch.canceled) return end("canceled");
  if (batch.credential === null) return end("no-credential");
  // TTL 0 means "one attempt", not "none".
  const onlyAttempt = batch.message.ttl === 0 && attempts === 0;
  if (now >= batch.expiresAt && !onlyAttempt) return end("expired");
  if (recorded?.nextAttemptAt && recorded.nextAttemptAt > now) return { kind: "leave", dueAt: recorded.nextAttemptAt };
  // After a take-over nobody knows which of the lines the previous holder had sent.
  const mayRepeat = batch.takenOver || recorded?.lastOutcome === "UNKNOWN";
  if (mayRepeat && batch.onUnknown === "fail") return end("unknown");
  if (batch.suspicion === "convicted") return end("crashes");
  const firstAttemptAt = recorded?.firstAttemptAt ?? null;
  return { kind: "send", attemptNumber: attempts + 1, isNew, mayRepeat, firstAttemptAt };
}
