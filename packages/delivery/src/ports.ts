import type {
  CredentialContent,
  CredentialRef,
  DeliveryLine,
  DeliveryOutcome,
  LeasedBatch,
  LeaseRef,
  LeftOver,
  LineRecord,
  PushMessage,
  WaitReason,
} from "@fanfare/domain";

/** What a worker needs to know of an operation to send its pushes. */
export interface DeliverableOperation {
  /** UUID. */
  id: string;
  message: PushMessage;
  /** When its TTL runs out. */
  expiresAt: Date;
}

/** What became of one line that a client was asked to send. */
export type SendResult =
  /** A provider call was made. */
  | { kind: "attempted"; outcome: DeliveryOutcome; startedAt: Date; latencyMs: number }
  /** It can never be sent, and no provider was bothered: the notification fails with this code. */
  | { kind: "unsendable"; code: string; detail: string }
  /** No provider call could be made (no connection, no access token): try the line again later; no attempt. */
  | NotSent;

/** Why no provider call could be made for a line. */
export interface NotSent {
  kind: "not-sent";
  code: string;
  /** In plain words, for the sender; absent for what passes by itself within the worker (it stops, its streams are taken). */
  detail?: string | undefined;
  /** What is to be done about it, where that is known. */
  advice?: string | undefined;
  /** What is for the operator alone: addresses of the installation, what a proxy says. */
  forOperator?: { detail: string; advice: string } | undefined;
  /** It is the credential's fault: no other line of it could be sent. */
  blame?: "credential";
  retryAfterMs?: number;
}

/** Sends the lines of one operation; what they share was built once. */
export interface PreparedSend {
  /**
   * Sends one line and settles exactly once; never throws. `isWanted` is asked again before the call is made, if the line has to
   * wait for a connection: `false` leaves it unsent.
   */
  send(line: DeliveryLine, settle: (result: SendResult) => void, isWanted?: () => boolean): void;
}

/** A provider, as the delivery loop sees it with one credential. */
export interface PushClient {
  /** Builds what all recipients of an operation share. Pure and cheap enough to be called once a delivery batch. */
  prepare(operation: DeliverableOperation): PreparedSend;
  /**
   * How long nothing of an operation can be sent, in milliseconds, so that its batches are better given back than planned.
   * 0: go on. @default 0
   */
  heldBackMs?(operation: DeliverableOperation): number;
  /** Why nothing can be sent now, as long as that is so. */
  waitsFor?(): WaitReason | undefined;
  /** Lets what is pending finish, then gives back what it holds. */
  close(): Promise<void>;
}

/** A credential with its secrets. */
export type LoadedCredential = CredentialRef & CredentialContent;

/** A client in somebody's hands: until it is released it is not closed, whatever becomes of its credential. */
export interface HeldClient {
  client: PushClient;
  release(): void;
}

/** Gives the client of a batch's credential, as that is now; `undefined` when there is no such credential (any more). */
export type ClientFor = (batch: Pick<LeasedBatch, "credential">) => Promise<HeldClient | undefined>;

/** What the delivery loop needs of the database, for one provider and one worker process. */
export interface DeliveryStore {
  /**
   * Leases those of the delivery batches that are due and free. `onLeased` is told of all of them before what is on record of
   * them is read: from then on they are to be renewed. A call that failed may have leased them all the same: made again under
   * the same name it finds them.
   */
  lease(ids: readonly string[], onLeased: (leases: readonly LeaseRef[]) => void, call?: string): Promise<LeasedBatch[]>;
  /** Prolongs leases; resolves with the keys (`leaseKey`) of those that are still held, and of those whose operation is canceled. */
  renew(leases: readonly LeaseRef[]): Promise<{ held: Set<string>; canceled: Set<string> }>;
  /** Gives a batch back, to be leased again when what is left of it is due. */
  release(lease: LeaseRef, left: LeftOver): Promise<void>;
  /** Notes that a suspected batch is begun by a worker that does nothing else; resolves with whether its lease is valid. */
  beginAlone(lease: LeaseRef): Promise<boolean>;
  /** Replaces a convicted batch by one for each part of its open lines; resolves with whether its lease was valid. */
  split(batch: LeasedBatch, parts: readonly (readonly DeliveryLine[])[]): Promise<boolean>;
  /**
   * Records outcomes under the fence; resolves with the keys of the leases that were still valid. `again`: an earlier
   * try failed, and may have been recorded all the same; what is on record is left out.
   */
  record(records: readonly LineRecord[], options?: { again?: boolean }): Promise<Set<string>>;
  /**
   * Why `record` failed: made again it may succeed (`transient`); something of it is on record already, be it by an earlier try
   * (`recorded`); what the records say is refused (`refused`); or another reason that does not go away (`permanent`).
   */
  failureOf(error: unknown): "transient" | "recorded" | "refused" | "permanent";
}
