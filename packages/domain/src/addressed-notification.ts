import type { AttemptOutcome } from "./delivery-outcome.js";
import type { NotificationStatus } from "./notification.js";

/** One of the several addresses of a notification. */
export interface AddressState {
  position: number;
  /**
   * SCHEDULED: a fallback that was not begun. QUEUED, SENT, UNDELIVERED, FAILED: as of a notification.
   * CANCELED: not needed any more, or canceled by the sender.
   */
  status: NotificationStatus;
  attempts: number;
  nextAttemptAt: Date | null;
  /** UNKNOWN also while what came after it does not tell what the earlier attempt came to. */
  lastOutcome: AttemptOutcome | null;
  errorCode: string | null;
  errorDetail: string | null;
}

/** What a notification of several addresses has come to. */
export interface AddressedState {
  status: NotificationStatus;
  errorCode: string | null;
  errorDetail: string | null;
  nextAttemptAt: Date | null;
  /** The fallback whose turn has come. */
  begin: number | undefined;
  addresses: AddressState[];
}

/**
 * Where a notification stands, from where its addresses stand:
 *
 *     any SENT → SENT, and fallbacks that were not begun are not needed any more
 *     else any QUEUED → QUEUED
 *     else a fallback not begun → it begins, QUEUED (unless the sender canceled, or an earlier address may have been
 *     delivered to: its last outcome is not known)
 *     else canceled by the sender → CANCELED
 *     else all UNDELIVERED → UNDELIVERED, otherwise FAILED; with the error of the last one
 */
export function settleAddresses(addresses: readonly AddressState[], canceled: boolean): AddressedState {
  const none = { errorCode: null, errorDetail: null, nextAttemptAt: null, begin: undefined };
  const dropFallbacks = () =>
    addresses.map((address) =>
      address.status === "SCHEDULED" ? { ...address, status: "CANCELED" as const } : address,
    );
  if (addresses.some(({ status }) => status === "SENT")) {
    return { ...none, status: "SENT", addresses: dropFallbacks() };
  }
  const queued = addresses.filter(({ status }) => status === "QUEUED");
  const wrong = addresses.filter(({ errorCode }) => errorCode !== null).at(-1);
  const error = { errorCode: wrong?.errorCode ?? null, errorDetail: wrong?.errorDetail ?? null };
  if (queued.length > 0) {
    const times = queued.flatMap(({ nextAttemptAt }) => (nextAttemptAt ? [nextAttemptAt.getTime()] : []));
    const nextAttemptAt = times.length > 0 ? new Date(Math.min(...times)) : null;
    return { ...none, ...error, status: "QUEUED", nextAttemptAt, addresses: [...addresses] };
  }
  const fallback = addresses.find(({ status }) => status === "SCHEDULED");
  const mayBeDelivered = addresses.some(
    ({ lastOutcome, errorCode }) => lastOutcome === "UNKNOWN" || errorCode === "OUTCOME_UNKNOWN",
  );
  if (fallback && !canceled && !mayBeDelivered) {
    const begun = addresses.map((address) =>
      address === fallback ? { ...address, status: "QUEUED" as const } : address,
    );
    return { ...none, ...error, status: "QUEUED", begin: fallback.position, addresses: begun };
  }
  const ended = { ...none, ...error, addresses: dropFallbacks() };
  if (canceled && addresses.some(({ status }) => status === "CANCELED" || status === "SCHEDULED")) {
    return { ...ended, status: "CANCELED" };
  }
  return { ...ended, status: addresses.every(({ status }) => status === "UNDELIVERED") ? "UNDELIVERED" : "FAILED" };
}
