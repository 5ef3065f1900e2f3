import pRetry from "p-retry";
import type { Log } from "./logger.js";
import { reasonOf } from "./reason-of.js";

/** How {@link waitFor} waits. */
export interface WaitOptions {
  log: Log;
  /** Breaks the wait off. */
  signal: AbortSignal;
  /** Whether an error says that it may be at hand later. @default always */
  isAway?: ((error: unknown) => boolean) | undefined;
}

/** Pauses between two tries, in milliseconds. */
const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 2_000;

/** When it is first said once more that something is still waited for, in milliseconds; then at twice that, and so on. */
const SAY_AGAIN_MS = 10_000;

/**
 * Asks for what a process can not begin without until it is at hand, and says so meanwhile: the order in which machines are
 * started does not matter.
 *
 * @throws what it was answered when that is no sign that it is away, and the signal's reason when it is broken off.
 */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  { log, signal, isAway = () => true }: WaitOptions,
): Promise<Answer> {
  const beganAt = performance.now();
  let sayAfterMs = 0;
  const waitedMs = () => Math.round(performance.now() - beganAt);
  const answer = await pRetry(() => ask().catch(asError), {
    ...{ retries: Number.POSITIVE_INFINITY, minTimeout: PAUSE_MIN_MS, maxTimeout: PAUSE_MAX_MS, signal },
    shouldRetry: ({ error }) => isAway(error),
    onFailedAttempt({ error }) {
      if (signal.aborted || waitedMs() < sayAfterMs || !isAway(error)) return;
      log.warn({ reason: reasonOf(error), waitedMs: waitedMs() }, `Waiting for ${what}`);
      sayAfterMs = Math.max(SAY_AGAIN_MS, sayAfterMs * 2);
    },
  });
  if (sayAfterMs > 0) log.info({ waitedMs: waitedMs() }, `Waited for ${what}`);
  return answer;
}

// p-retry takes a TypeError, and what is no error at all, for a bug of the caller's, and does not ask again.
function asError(error: unknown): never {
  if (error instanceof Error && !(error instanceof TypeError)) throw error;
  throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
}
