import { type DeliveryLine, type LeasedBatch, lineKey, type RecordedLine } from "@fanfare/domain";

/**
 * What is known of the calls that were made for a line before: each has its outcome (`known`); the outcome of one is not known
 * (`unknown`); or one may have been made that is not on record, by a holder that never gave the batch back (`unrecorded`).
 */
export type EarlierCalls = "known" | "unknown" | "unrecorded";

/** What is to be done with a line of a leased batch now. */
export type LinePlan =
  | { kind: "send"; attemptNumber: number; isNew: boolean; earlier: EarlierCalls; firstAttemptAt: Date | null }
  /** It ends without a call, for one of these reasons. */
  | { kind: "end"; reason: EndReason; attempts: number; isNew: boolean; earlier: EarlierCalls }
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
  const waitsUntil = recorded?.nextAttemptAt && recorded.nextAttemptAt > now ? recorded.nextAttemptAt : undefined;
  const earlier = earlierCalls(batch, recorded, waitsUntil !== undefined);
  const end = (reason: EndReason) => ({ kind: "end", reason, attempts, isNew, earlier }) as const;
  if (batch.canceled) return end("canceled");
  if (batch.credential === null) return end("no-credential");
  // TTL 0 means "one attempt", not "none".
  const onlyAttempt = batch.message.ttl === 0 && attempts === 0;
  if (now >= batch.expiresAt && !onlyAttempt) return end("expired");
  if (waitsUntil) return { kind: "leave", dueAt: waitsUntil };
  if (earlier !== "known" && batch.onUnknown === "fail") return end("unknown");
  if (batch.suspicion === "convicted") return end("crashes");
  return {
    kind: "send",
    attemptNumber: attempts + 1,
    isNew,
    earlier,
    firstAttemptAt: recorded?.firstAttemptAt ?? null,
  };
}

// After a take-over nobody knows which of the lines the previous holder had sent; but none that was not due.
function earlierCalls({ takenOver }: LeasedBatch, recorded: RecordedLine | undefined, waits: boolean): EarlierCalls {
  if (takenOver && !waits) return "unrecorded";
  return recorded?.lastOutcome === "UNKNOWN" ? "unknown" : "known";
}
