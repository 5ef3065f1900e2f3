import type { PlannedAddress, PlannedRecipient } from "./sends.js";
import { type TokenCounts, tokenKeyOf } from "./simulator-control.js";

/** Something that must not be. */
export interface Finding {
  /**
   * `lost`: accepted, and no terminal status, or SENT and no provider ever had it. `failed`: it ended otherwise than its
   * device tokens say. `unexplained`: a device got it twice, and no record says that it may have. `chain`: more take-overs
   * than there were interruptions.
   */
  kind: "lost" | "failed" | "miscounted" | "unexplained" | "chain";
  send?: number;
  operationId?: string;
  detail: string;
  /** How many it is about. */
  recipients: number;
}

/** An attempt as it is on record. */
export interface RecordedAttempt {
  number: number;
  outcome: string;
  mayRepeat: boolean;
  /** Of several addresses; null: the only one. */
  position: number | null;
}

/** A recipient, and all that is known of it. */
export interface RecipientEvidence {
  recipient: PlannedRecipient;
  /** Absent: it has no row, so no call for it is on record. */
  notification: { status: string; attempts: number } | undefined;
  /** In their order. */
  attempts: readonly RecordedAttempt[];
  /** Whether somebody asked to cancel its operation. */
  isCanceled: boolean;
  /** Whether a worker that held its batch never gave it back. */
  wasTakenOver: boolean;
  tokens: ReadonlyMap<string, TokenCounts>;
  interruptions: number;
}

/** What became of a recipient, against what should have. */
export function checkRecipient(evidence: RecipientEvidence): {
  findings: Pick<Finding, "kind" | "detail">[];
  explainedDuplicates: number;
} {
  const { recipient, notification, attempts, tokens } = evidence;
  const addresses = "addresses" in recipient ? recipient.addresses : [recipient];
  const findings: Pick<Finding, "kind" | "detail">[] = [];
  let explainedDuplicates = 0;
  const acceptedCalls = (address: PlannedAddress) =>
    tokens.get(tokenKeyOf(address.provider, address.token))?.accepted ?? 0;
  // In a storm a dead token may be accepted: if that answer got lost, the next one says what the token is.
  const isReachable = (address: PlannedAddress, at: number) =>
    !address.token.startsWith("dead-") ||
    attempts.some(({ outcome, position }) => outcome === "ACCEPTED" && (position ?? 0) === at);
  const expected = addresses.some(isReachable) ? "SENT" : "UNDELIVERED";
  const status = notification?.status;
  if (status !== undefined && status !== expected && !(evidence.isCanceled && status === "CANCELED")) {
    // What is still open is told of the operation as a whole.
    if (status !== "QUEUED") findings.push({ kind: "failed", detail: `${status} instead of ${expected}` });
  }
  if (notification && notification.attempts !== attempts.length) {
    const detail = `${notification.attempts} attempts are counted, ${attempts.length} are on record`;
    findings.push({ kind: "miscounted", detail });
  }
  if (status === "SENT" && addresses.every((address) => acceptedCalls(address) === 0)) {
    findings.push({ kind: "lost", detail: "it is SENT, and the provider never accepted it" });
  }
  for (const [position, address] of addresses.entries()) {
    const own = attempts.filter((attempt) => (attempt.position ?? 0) === position);
    const accepted = acceptedCalls(address);
    const recorded = own.filter(({ outcome }) => outcome === "ACCEPTED").length;
    if (recorded > accepted) {
      const detail = `${recorded} accepted attempts are on record, the provider accepted ${accepted}`;
      findings.push({ kind: "miscounted", detail });
    }
    if (accepted > 1) {
      if (isExplained(own, evidence)) explainedDuplicates++;
      else findings.push({ kind: "unexplained", detail: `${address.token} was accepted ${accepted} times` });
    }
    const takeOvers = countTakeOvers(own);
    if (takeOvers > evidence.interruptions) {
      const detail = `${takeOvers} take-overs, and ${evidence.interruptions} interruptions`;
      findings.push({ kind: "chain", detail });
    }
  }
  return { findings, explainedDuplicates };
}

function isExplained(attempts: readonly RecordedAttempt[], { isCanceled, wasTakenOver }: RecipientEvidence): boolean {
  // Of what was canceled after a take-over the second call may have no record either.
  return attempts.some(({ outcome, mayRepeat }) => outcome === "UNKNOWN" || mayRepeat) || (isCanceled && wasTakenOver);
}

/**
 * Chains of attempts that may repeat one whose record was lost with a lease, not one without an answer. Told to come
 * back, a push that may be a repetition stays one: that is the same chain.
 */
function countTakeOvers(attempts: readonly RecordedAttempt[]): number {
  const firstUnknown = attempts.findIndex(({ outcome }) => outcome === "UNKNOWN");
  const told = firstUnknown < 0 ? attempts : attempts.slice(0, firstUnknown + 1);
  return told.filter(({ mayRepeat }, index) => mayRepeat && !told[index - 1]?.mayRepeat).length;
}
