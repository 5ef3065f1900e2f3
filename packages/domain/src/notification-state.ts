import type { OnUnknown } from "./app.js";
import type { DeliveryOutcome } from "./delivery-outcome.js";
import type { NotificationStatus } from "./notification.js";
import { type ProviderWish, type RetryPolicy, retryDelayMs } from "./retry-policy.js";

/**
 * The state machine of a notification. Whatever is not listed does not happen:
 *
 *     SCHEDULED ──► QUEUED ──► SENT ──► DELIVERED ──► READ
 *         │           │  ▲       └──────────────────────▲
 *         │           │  └ QUEUED (a retry)
 *         │           ├──► UNDELIVERED   (a SENT one too, when its receipt never came)
 *         │           ├──► FAILED
 *         └───────────┴──► CANCELED
 *
 * and FAILED ──► QUEUED, when an operator has it sent after all.
 */
export const TRANSITIONS: Readonly<Record<NotificationStatus, readonly NotificationStatus[]>> = {
  SCHEDULED: ["QUEUED", "CANCELED"],
  QUEUED: ["QUEUED", "SENT", "UNDELIVERED", "FAILED", "CANCELED"],
  SENT: ["DELIVERED", "READ", "UNDELIVERED"],
  DELIVERED: ["READ"],
  READ: [],
  UNDELIVERED: [],
  FAILED: ["QUEUED"],
  CANCELED: [],
};

/** Whether a notification may go from one status to the other. */
export function mayMove(from: NotificationStatus, to: NotificationStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Where an outcome leaves a notification. */
export interface Decision {
  status: Extract<NotificationStatus, "QUEUED" | "SENT" | "UNDELIVERED" | "FAILED">;
  /** Why it is not SENT: the provider's code, or one of Fanfare's own; absent when it is. */
  errorCode?: string;
  /** When the next attempt is due; present when, and only when, the status is QUEUED. */
  nextAttemptAt?: Date;
}

/** What {@link decide} needs to know besides the outcome. */
export interface DecisionContext {
  /** Number of the attempt that had this outcome, from 1. */
  attemptNumber: number;
  /** When the first attempt was made. */
  firstAttemptAt: Date;
  /** Whether it may have been sent before, and not be known what came of that. */
  mayRepeat: boolean;
  now: Date;
  /** When the notification's TTL runs out. */
  expiresAt: Date;
  onUnknown: OnUnknown;
  policy: RetryPolicy;
  random: () => number;
}

/** Decides what becomes of a notification after an attempt. */
export function decide(outcome: DeliveryOutcome, context: DecisionContext): Decision {
  switch (outcome.kind) {
    case "accepted":
      return { status: "SENT" };
    case "rejected":
      if (outcome.blame === "token") return { status: "UNDELIVERED", errorCode: outcome.code };
      if (outcome.blame === "request") return { status: "FAILED", errorCode: outcome.code };
      if (outcome.credentialSuspected) return { status: "FAILED", errorCode: "CREDENTIAL_SUSPECTED" };
      // A credential can be mended while its notifications wait.
      return retryOrGiveUp(outcome, Number.POSITIVE_INFINITY, context.policy.credentialGiveUpMs, context);
    case "unknown":
      if (context.onUnknown === "fail") return { status: "FAILED", errorCode: outcome.code };
      return retryOrGiveUp(outcome, context.policy.maxAttempts, context.policy.giveUpMs, context);
    case "retry":
      return retryOrGiveUp(outcome, context.policy.maxAttempts, context.policy.giveUpMs, context);
  }
}

function retryOrGiveUp(
  { kind, code, ...wish }: { kind: DeliveryOutcome["kind"]; code: string } & ProviderWish,
  maxAttempts: number,
  giveUpMs: number,
  { attemptNumber, firstAttemptAt, mayRepeat, now, expiresAt, policy, random }: DecisionContext,
): Decision {
  const nextAttemptAt = new Date(now.getTime() + retryDelayMs(attemptNumber, wish, policy, random));
  const givesUp = attemptNumber >= maxAttempts || nextAttemptAt.getTime() > firstAttemptAt.getTime() + giveUpMs;
  if (!givesUp && nextAttemptAt >= expiresAt) {
    const isUnknown = mayRepeat || kind === "unknown";
    return { status: "UNDELIVERED", errorCode: isUnknown ? "EXPIRED_UNKNOWN" : "EXPIRED" };
  }
  return givesUp ? { status: "FAILED", errorCode: code } : { status: "QUEUED", errorCode: code, nextAttemptAt };
}
