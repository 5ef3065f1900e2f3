import { randomFillSync } from "node:crypto";
import { isValid, monotonicFactory, ulidToUUID, uuidToULID } from "ulid";

/** The kinds of resource whose ids are shown as `comms_<kind>_<ULID in lower case>`. */
export type IdKind = "operation" | "notification" | "credential" | "device_registration" | "pushnotificationuser";

/**
 * The largest ordinal of a recipient: the last 24 bits of an operation's ULID are zero, and recipient number k
 * (from 1) has that ULID + k.
 */
export const MAX_ORDINAL = 2 ** 24 - 1;

/** How an id may be spelt on input besides `comms_<kind>_`: the reference API's pages say "pushnotification". */
const ACCEPTED_PREFIXES: Record<IdKind, readonly string[]> = {
  operation: ["comms_operation_"],
  notification: ["comms_notification_", "comms_pushnotification_"],
  credential: ["comms_credential_"],
  device_registration: ["comms_device_registration_"],
  pushnotificationuser: ["comms_pushnotificationuser_"],
};

const RANDOM_BYTES_PER_ID = 7;
const randomPool = Buffer.alloc(RANDOM_BYTES_PER_ID * 512);
let randomOffset = randomPool.length;

/**
 * Mints the id of an operation, as a UUID: 48 bits of `nowMs`, 56 random bits, 24 zero bits for the ordinals.
 * Two operations may clash (56 random bits a millisecond): the caller's primary key refuses that, and it mints anew.
 */
export function mintOperationId(nowMs: number = Date.now()): string {
  if (randomOffset === randomPool.length) {
    randomFillSync(randomPool);
    randomOffset = 0;
  }
  const time = nowMs.toString(16).padStart(12, "0");
  const random = randomPool.toString("hex", randomOffset, randomOffset + RANDOM_BYTES_PER_ID);
  randomOffset += RANDOM_BYTES_PER_ID;
  return `${time.slice(0, 8)}-${time.slice(8)}-${random.slice(0, 4)}-${random.slice(4, 8)}-${random.slice(8)}000000`;
}

const nextUlid = monotonicFactory();

/** Mints the id of a row that nobody sees, as a UUID that grows with time, so that inserts stay in index order. */
export function mintRowId(): string {
  return ulidToUUID(nextUlid()).toLowerCase();
}

/** The UUID of recipient number `ordinal` of an operation: the operation's UUID plus the ordinal. */
export function notificationUuid(operationUuid: string, ordinal: number): string {
  return operationUuid.slice(0, -6) + ordinal.toString(16).padStart(6, "0");
}

/** The operation and the ordinal that a notification's UUID consists of. */
export function splitNotificationUuid(uuid: string): { operationUuid: string; ordinal: number } {
  return { operationUuid: `${uuid.slice(0, -6)}000000`, ordinal: Number.parseInt(uuid.slice(-6), 16) };
}

/** A UUID as its 26 Crockford base32 characters, in lower case. */
export function ulidOf(uuid: string): string {
  return uuidToULID(uuid).toLowerCase();
}

/** An account's id as the API spells it: `AC` and 32 hexadecimal digits. */
export const ACCOUNT_ID_PATTERN = /^AC[0-9a-f]{32}$/;

/** The UUID under which an account's rows are stored: the digits of its id. */
export function accountUuid(accountId: string): string {
  return accountId.slice(2).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** An account's UUID as its id. */
export function formatAccountId(uuid: string): string {
  return `AC${uuid.replaceAll("-", "")}`;
}

/** An API key's id as the API spells it: `SK` and 32 hexadecimal digits. */
export const API_KEY_ID_PATTERN = /^SK[0-9a-f]{32}$/;

/** The UUID of an API key: the digits of its id. */
export function apiKeyUuid(apiKeyId: string): string {
  return accountUuid(apiKeyId);
}

/** An API key's UUID as its id. */
export function formatApiKeyId(uuid: string): string {
  return `SK${uuid.replaceAll("-", "")}`;
}

/** The smallest UUID minted at a time or later: what lists by time begin or end with. */
export function firstUuidAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The time at which a UUID was minted, which it begins with: an operation's is that at which it was accepted. */
export function timeOfUuid(uuid: string): Date {
  return new Date(Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16));
}

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * The ULIDs of an operation's notifications, by ordinal. Only the last 5 characters differ between them, so this costs
 * a fraction of {@link ulidOf}, which takes 5 µs.
 */
export function notificationUlids(operationUuid: string): (ordinal: number) => string {
  const ulid = ulidOf(operationUuid);
  const shared = ulid.slice(0, -5);
  // 5 characters are 25 bits: the topmost is the operation's, the other 24 are the ordinal.
  const highBit = CROCKFORD.indexOf(ulid.charAt(21)) >> 4 === 1 ? 2 ** 24 : 0;
  return (ordinal) => {
    const bits = highBit + ordinal;
    return (
      shared +
      CROCKFORD.charAt(bits >> 20) +
      CROCKFORD.charAt((bits >> 15) & 31) +
      CROCKFORD.charAt((bits >> 10) & 31) +
      CROCKFORD.charAt((bits >> 5) & 31) +
      CROCKFORD.charAt(bits & 31)
    );
  };
}

/** A UUID as the id that the API shows, such as `comms_operation_01h2xcejqtf2nbrexx3vqjhp41`. */
export function formatId(kind: IdKind, uuid: string): string {
  return `comms_${kind}_${ulidOf(uuid)}`;
}

/** An attempt's id: its notification's ULID and the attempt's number, counted from 1. */
export function formatAttemptId(notificationId: string, attemptNumber: number): string {
  return `comms_attempt_${ulidOf(notificationId)}_${attemptNumber}`;
}

/**
 * The UUID behind an id as a caller spells it: `comms_<kind>_<ULID>` or the bare ULID, in either case.
 * `undefined` when it is malformed or of another kind.
 */
export function parseId(kind: IdKind, text: string): string | undefined {
  const lower = text.toLowerCase();
  const prefix = ACCEPTED_PREFIXES[kind].find((candidate) => lower.startsWith(candidate)) ?? "";
  const ulid = lower.slice(prefix.length).toUpperCase();
  // The first character carries 3 bits: above 7 the value would not fit into 128 bits.
  if (ulid.length !== 26 || !isValid(ulid) || (ulid[0] as string) > "7") return undefined;
  return ulidToUUID(ulid).toLowerCase();
}
