import {
  type AttemptRecord,
  type DeliveryLine,
  type LeasedBatch,
  type LineRecord,
  storableText,
  type WaitReason,
} from "@fanfare/domain";
import type { EarlierCalls, EndReason } from "./plan-line.js";

const MAY_BE_DELIVERED = "it may have been delivered";

/** How a line is recorded that ends without a call. */
const ENDS = {
  canceled: { status: "CANCELED" },
  expired: {
    status: "UNDELIVERED",
    errorCode: "EXPIRED",
    errorDetail: "Its TTL passed before a provider accepted it.",
  },
  unknown: {
    status: "FAILED",
    errorCode: "OUTCOME_UNKNOWN",
    errorDetail: `The worker that held it died; ${MAY_BE_DELIVERED}, and its app wants nothing sent twice.`,
  },
  crashes: {
    status: "FAILED",
    errorCode: "WORKER_CRASHED",
    errorDetail: `Each worker that sent it died, the last one while it did nothing else; ${MAY_BE_DELIVERED}.`,
  },
  "no-credential": {
    status: "FAILED",
    errorCode: "NO_CREDENTIAL",
    errorDetail: "The credential that it was to be sent with does not exist any more.",
  },
} as const satisfies Record<EndReason, Partial<LineRecord>>;

/** The same of one that may have been sent before: what is not known is not said. */
const ENDS_OF_UNKNOWN = {
  ...ENDS,
  canceled: {
    status: "CANCELED",
    errorCode: "OUTCOME_UNKNOWN",
    errorDetail: `It was canceled after a call whose outcome is not known; ${MAY_BE_DELIVERED}.`,
  },
  expired: {
    status: "UNDELIVERED",
    errorCode: "EXPIRED_UNKNOWN",
    errorDetail: `Its TTL passed after a call whose outcome is not known; ${MAY_BE_DELIVERED}.`,
  },
} as const satisfies Record<EndReason, Partial<LineRecord>>;

/** What became of a line that was never tried, with what it waited for. */
const waiting = (errorDetail: string, { code, detail }: WaitReason) =>
  storableText(`${errorDetail} It waited for: ${code}. ${detail}`);

/** The call that a worker may have made before it died. */
const lostCall = (): AttemptRecord => ({
  outcome: "UNKNOWN",
  mayRepeat: false,
  startedAt: new Date(),
  latencyMs: 0,
  providerCode: "WORKER_LOST",
  detail: "The worker that held it was lost before it had recorded anything; the call may have been made.",
});

/** What is to be recorded of a line that ends without a call; one that may have been made before gets on record with it. */
export function endLine(
  lease: LeasedBatch,
  line: DeliveryLine,
  { attempts, isNew, earlier }: { attempts: number; isNew: boolean; earlier: EarlierCalls },
  reason: EndReason,
): LineRecord {
  const ends = earlier === "known" ? ENDS : ENDS_OF_UNKNOWN;
  const waited = reason === "expired" && attempts === 0 ? lease.waitedFor : undefined;
  const end = waited ? { ...ends.expired, errorDetail: waiting(ends.expired.errorDetail, waited) } : ends[reason];
  if (earlier !== "unrecorded") return { lease, line, isNew, attempts, ...end };
  return { lease, line, isNew, attempts: attempts + 1, attempt: lostCall(), ...end };
}
