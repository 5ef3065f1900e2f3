import pRetry from "p-retry";

/** How the database is asked again while it is away, in milliseconds. */
const AGAIN = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 1_000, maxRetryTime: 30_000 };

/** Who asks, and until when. */
export interface Patience {
  /** Whether a failure says that the same may succeed later. */
  isAway: (error: unknown) => boolean;
  /** Told of each failure. */
  onError: (error: unknown) => void;
  /** Once it is aborted there is no further try: a worker that stops does not wait for the database. */
  signal?: AbortSignal | undefined;
}

/** Asks the database until it answers, for half a minute. What it is asked may be done twice: an answer may be lost. */
export function whileAway<Answer>(ask: () => Promise<Answer>, { isAway, onError, signal }: Patience): Promise<Answer> {
  return pRetry(ask, {
    ...AGAIN,
    onFailedAttempt: ({ error }) => onError(error),
    shouldRetry: ({ error }) => !signal?.aborted && isAway(error),
  });
}
