import type { DeliveryLine } from "./delivery-line.js";
import type { AttemptOutcome, Blame } from "./delivery-outcome.js";
import type { NotificationStatus } from "./notification.js";
import type { PushMessage } from "./push-message.js";

/** A batch and the lease under which it is held. */
export interface LeaseRef {
  /** UUID of the delivery batch. */
  id: string;
  /** Which lease it is: whoever leases a batch adds 1. */
  epoch: number;
}

/** A delivery batch that one worker holds: nobody else sends its lines until the lease runs out or is given back. */
export interface LeasedBatch extends LeaseRef {
  /** UUID. */
  operationId: string;
  lines: DeliveryLine[];
  /** Whether the previous holder never gave it back: lines without a record may have been sent by it. */
  takenOver: boolean;
  /** Lines that have a row, by ordinal; empty on a first pass. */
  recorded: ReadonlyMap<number, RecordedLine>;
  message: PushMessage;
  /** When the operation was accepted: its TTL counts from here. */
  createdAt: Date;
  expiresAt: Date;
}

/** What is on record of a line. */
export interface RecordedLine {
  status: NotificationStatus;
  /** Attempts made so far. */
  attempts: number;
  nextAttemptAt: Date | null;
  /** Outcome of the latest attempt; null when none was made. */
  lastOutcome: AttemptOutcome | null;
}

/** Where a line of a leased batch got to: what is to be recorded of it. */
export interface LineRecord {
  lease: LeaseRef;
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
