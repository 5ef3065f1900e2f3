import {
  type AddressedState,
  type AddressState,
  isStillUnknown,
  type LineRecord,
  type NotificationStatus,
  type Provider,
  type Rendered,
  settleAddresses,
} from "@fanfare/domain";

/** A notification of several addresses, locked until its records are written. */
export interface LockedNotification {
  operationId: string;
  ordinal: number;
  status: NotificationStatus;
  attempts: number;
  rendered: Rendered | null;
  canceled: boolean;
}

/** One of its addresses, as it is stored. */
export interface StoredAddress extends AddressState {
  operationId: string;
  ordinal: number;
  provider: Provider;
  token: string;
}

/** Which notification it is. */
export interface NotificationKey {
  operationId: string;
  ordinal: number;
}

/** A notification's key as the key of a map. */
export const textOf = ({ operationId, ordinal }: NotificationKey) => `${operationId} ${ordinal}`;

/** A record of one of its addresses. */
export interface KeyedRecord {
  record: LineRecord;
  key: NotificationKey;
}

/** Where it stood, and where it stands. */
export interface SettledNotification {
  before: LockedNotification;
  after: AddressedState;
  attempts: number;
}

/** What records change. */
export interface Changes {
  states: SettledNotification[];
  attempts: { record: LineRecord; key: NotificationKey; number: number }[];
}

/** Each record changes the status of its address or its number of attempts: one that says both already is of an earlier try. */
export function isRecorded({ record, key }: KeyedRecord, addresses: ReadonlyMap<string, StoredAddress[]>): boolean {
  const address = addresses.get(textOf(key))?.find(({ position }) => position === record.line.position);
  return address?.status === record.status && address.attempts === record.attempts;
}

/** Applies the records to the addresses, numbers the attempts, and works out where each notification stands. */
export function settle(
  keyed: readonly KeyedRecord[],
  notifications: ReadonlyMap<string, LockedNotification>,
  addresses: ReadonlyMap<string, StoredAddress[]>,
): Changes {
  const counts = new Map<string, number>();
  const attempts: Changes["attempts"] = [];
  for (const { record, key } of keyed) {
    const text = textOf(key);
    const address = addresses.get(text)?.find(({ position }) => position === record.line.position);
    if (!address) throw new Error(`Notification ${text} has no address ${record.line.position}.`);
    apply(record, address);
    if (!record.attempt) continue;
    const number = (counts.get(text) ?? notifications.get(text)?.attempts ?? 0) + 1;
    counts.set(text, number);
    attempts.push({ record, key, number });
  }
  const states = [...notifications].map(([text, before]) => ({
    before,
    after: settleAddresses(addresses.get(text) ?? [], before.canceled),
    attempts: counts.get(text) ?? before.attempts,
  }));
  return { states, attempts };
}

function apply(
  { status, attempts, nextAttemptAt, errorCode, errorDetail, attempt }: LineRecord,
  address: StoredAddress,
) {
  address.status = status;
  address.attempts = attempts;
  address.nextAttemptAt = nextAttemptAt ?? null;
  address.errorCode = errorCode ?? null;
  address.errorDetail = errorDetail ?? null;
  if (attempt) address.lastOutcome = isStillUnknown(attempt) ? "UNKNOWN" : attempt.outcome;
}
