import type { OnUnknown } from "./app.js";
import type { DeliveryLine } from "./delivery-line.js";
import type { AttemptOutcome, Blame } from "./delivery-outcome.js";
import type { NotificationStatus } from "./notification.js";
import type { CredentialType } from "./provider.js";
import type { PushMessage } from "./push-message.js";
import type { WaitReason } from "./wait-reason.js";

/** A batch and the lease under which it is held. */
export interface LeaseRef {
  /** UUID of the delivery batch. */
  id: string;
  /** Which lease it is: whoever leases a batch adds 1. */
  epoch: number;
}

/**
 * Tells a lease from all others, those of the same batch included: a worker that was stopped, or whose database was away, may
 * have leased a batch anew while a run under its earlier lease is not at its end.
 */
export function leaseKey({ id, epoch }: LeaseRef): string {
  return `${id} ${epoch}`;
}

/** Which provider keys a batch is sent with, as they were when it was leased. */
export interface CredentialRef {
  /** UUID. */
  id: string;
  /** Grows with each change of its content. */
  version: number;
  type: CredentialType;
}

/**
 * What is thought of a batch whose holders die. Two in a row without a record: it is `suspected`, and delivered while its
 * worker does nothing else. The one that did so died too: it is `convicted`, and nothing of it is sent as it is any more.
 */
export type Suspicion = "none" | "suspected" | "convicted";

/** Crashes in a row that make a batch suspected; the next one, alone, is the third. */
export const SUSPICIOUS_CRASHES = 2;

/** So few lines are split into single ones. */
const FEW = 32;

/**
 * Cuts what is convicted into about as many parts as each part has lines, then into single lines: of 1,000 the culprit is
 * alone after two more crashes (1,000 → 31 → 1), of halves it would be after ten.
 */
export function splitUp<Line>(lines: readonly Line[]): Line[][] {
  const size = lines.length > FEW ? Math.floor(Math.sqrt(lines.length)) : 1;
  return Array.from({ length: Math.ceil(lines.length / size) }, (_, index) =>
    lines.slice(index * size, (index + 1) * size),
  );
}

/** A delivery batch that one worker holds: nobody else sends its lines until the lease runs out or is given back. */
export interface LeasedBatch extends LeaseRef {
  /** UUID. */
  operationId: string;
  /** Null: there is none (any more), and nothing can be sent. */
  credential: CredentialRef | null;
  lines: DeliveryLine[];
  /** Whether its lines belong to recipients with several addresses: their notifications have rows already. */
  addressed: boolean;
  /** Whether the sender canceled the operation: what no provider has accepted is not sent any more. */
  canceled: boolean;
  /** Whether a holder never gave it back, and not all lines were tried since: that one may have sent any that is open. */
  takenOver: boolean;
  suspicion: Suspicion;
  /** Lines that have a row, by `lineKey`; empty on a first pass. */
  recorded: ReadonlyMap<string, RecordedLine>;
  message: PushMessage;
  /** When its TTL runs out. */
  expiresAt: Date;
  /** What is done about an outcome that is not known. */
  onUnknown: OnUnknown;
  /** Why its last holder could not send what was due; absent when nothing was in the way. */
  waitedFor?: WaitReason | undefined;
}

/** What a holder leaves of a batch that it gives back. */
export interface LeftOver {
  /** When its next line is due. */
  dueAt: Date;
  /** Whether lines that were due have not been tried. */
  untried: boolean;
  /** Why they have not, as their notifications show it; absent when that is of no concern to a sender. */
  reason?: WaitReason | undefined;
}

/** What is on record of a line. */
export interface RecordedLine {
  status: NotificationStatus;
  /** Attempts made so far. */
  attempts: number;
  /** When the first of them was made; null when none was. */
  firstAttemptAt: Date | null;
  nextAttemptAt: Date | null;
  /** Outcome of the latest attempt, or UNKNOWN while {@link isStillUnknown}; null when none was made. */
  lastOutcome: AttemptOutcome | null;
}

/** Where a line of a leased batch got to: what is to be recorded of it. */
export interface LineRecord {
  lease: LeaseRef & Pick<LeasedBatch, "operationId">;
  line: DeliveryLine;
  /** Whether the notification has no row yet. */
  isNew: boolean;
  status: NotificationStatus;
  /** Attempts made so far, the one in this record included. */
  attempts: number;
  errorCode?: string | undefined;
  errorDetail?: string | undefined;
  nextAttemptAt?: Date | undefined;
  /** The provider call; absent when none was made. */
  attempt?: AttemptRecord | undefined;
  /** That the provider declared the token dead; absent when it did not. */
  deadToken?: DeadToken | undefined;
}

/** A device token that a provider declared dead. */
export interface DeadToken {
  /** UUID. */
  credentialId: string;
  credentialVersion: number;
  token: string;
  /** The provider's code. */
  code: string;
  /** Since when the provider has known it. */
  deadSince: Date;
  /** Whether it is dead whatever the credential: the app is gone from the device. */
  final: boolean;
}

/** One provider call, to be recorded. */
export interface AttemptRecord {
  outcome: AttemptOutcome;
  blame?: Blame | undefined;
  mayRepeat: boolean;
  httpStatus?: number | undefined;
  latencyMs: number;
  startedAt: Date;
  providerCode?: string | undefined;
  providerMessageId?: string | undefined;
  detail?: string | undefined;
}

/**
 * Whether an attempt that followed one without an answer leaves it open what that came to: one that was not taken on its own
 * merits does not tell.
 */
export function isStillUnknown({ mayRepeat, outcome, blame }: AttemptRecord): boolean {
  return mayRepeat && (outcome === "RETRY" || blame === "credential");
}
