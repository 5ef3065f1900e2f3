import type { DeliveryLine, DeliveryOutcome, LeasedBatch, LeaseRef, LineRecord, PushMessage } from "@fanfare/domain";

/** What a worker needs to know of an operation to send its pushes. */
export interface DeliverableOperation {
  /** UUID. */
  id: string;
  message: PushMessage;
  /** When the operation was accepted: its TTL counts from here. */
  createdAt: Date;
}

/** What became of one line that a client was asked to send. */
export type SendResult =
  /** A provider call was made. */
  | { kind: "attempted"; outcome: DeliveryOutcome; startedAt: Date; latencyMs: number }
  /** It can never be sent, and no provider was bothered: the notification fails with this code. */
  | { kind: "unsendable"; code: string; detail: string }
  /** No provider call could be made (no connection, no access token): try the line again later; no attempt. */
  | { kind: "not-sent"; code: string; retryAfterMs?: number };

/** Sends the lines of one operation; what they share was built once. */
export interface PreparedSend {
  /** Sends one line and settles exactly once; never throws. */
  send(line: DeliveryLine, settle: (result: SendResult) => void): void;
}

/** A provider, as the delivery loop sees it. */
export interface PushClient {
  /** Builds what all recipients of an operation share. Pure and cheap enough to be called once a delivery batch. */
  prepare(operation: DeliverableOperation): PreparedSend;
  /** Lets what is pending finish, then closes every session. */
  close(): Promise<void>;
}

/** What the delivery loop needs of the database, for one provider and one worker process. */
export interface DeliveryStore {
  /** Leases those of the delivery batches that are due and free. */
  lease(ids: readonly string[]): Promise<LeasedBatch[]>;
  /** Prolongs leases; resolves with the ids of the batches that are still held. */
  renew(leases: readonly LeaseRef[]): Promise<Set<string>>;
  /** Gives a batch back, to be leased again at `dueAt`. */
  release(lease: LeaseRef, dueAt: Date): Promise<void>;
  /** Records outcomes under the fence; resolves with the ids of the batches whose lease was still valid. */
  record(records: readonly LineRecord[]): Promise<Set<string>>;
}
