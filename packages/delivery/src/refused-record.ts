import { type LineRecord, storableText } from "@fanfare/domain";

/** What every database takes for a code. */
const PLAIN_CODE = /^[\w.-]{1,100}$/;

/**
 * A record that the database refused, without what came from outside: what happened is still told, and the counters are
 * right, but not the provider's words for it.
 */
export function withoutDetails(record: LineRecord): LineRecord {
  const { attempt, errorCode, deadToken, errorDetail, ...rest } = record;
  return {
    ...rest,
    ...(errorCode !== undefined && { errorCode: PLAIN_CODE.test(errorCode) ? errorCode : "RECORD_REFUSED" }),
    ...(attempt && {
      attempt: {
        outcome: attempt.outcome,
        blame: attempt.blame,
        mayRepeat: attempt.mayRepeat,
        startedAt: attempt.startedAt,
        latencyMs: Math.min(Math.max(0, Math.round(attempt.latencyMs)), 3_600_000),
        detail: "The database refused the details.",
      },
    }),
  };
}

/** The same as a failure that says nothing but that. */
export function asFailed({ lease, line, isNew, attempts, attempt }: LineRecord): LineRecord {
  const { ordinal, position, token } = line;
  return {
    ...{ lease, isNew, line: { ordinal, position, token: storableText(token) } },
    ...{ status: "FAILED", attempts: attempt ? attempts - 1 : attempts, errorCode: "RECORD_REFUSED" },
    errorDetail: "The database refused its record; it may have been delivered.",
  };
}
