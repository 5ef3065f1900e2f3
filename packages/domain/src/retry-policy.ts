import { boundWaitMs } from "./wait.js";

/** When a failed attempt is tried again, and when no more. */
export interface RetryPolicy {
  /** Upper bound of the first delay, in milliseconds, where the provider has no rule of its own. */
  baseMs: number;
  /** Upper bound of any delay that the provider did not ask for, in milliseconds. */
  capMs: number;
  /** Provider calls of one notification, the first included. */
  maxAttempts: number;
  /** From the first call on, in milliseconds; whatever the provider asks for, no later one is made. */
  giveUpMs: number;
  /**
   * The same where a credential is to blame, which somebody has to mend first; however many calls that were. For what was
   * never tried it counts from the beginning of its operation.
   */
  credentialGiveUpMs: number;
}

/** What a provider wants of who comes back to it. */
export interface ProviderWish {
  /** What it asked for in this answer (`Retry-After`), in milliseconds. */
  retryAfterMs?: number;
  /** Its rule: no retry sooner, and twice as long each time; in milliseconds. */
  backoffMs?: number;
}

/**
 * Upper bounds of the delays: 1 s, 2 s, 4 s, 8 s, 16 s, 32 s, 64 s, 128 s, 256 s, 512 s, 600 s: 12 attempts within
 * 27 minutes at most and 14 on average, below the 60 minutes after which Google's guide says to give up
 * (https://firebase.google.com/docs/cloud-messaging/scale-fcm).
 *
 * With a backoff of 10 s, FCM's, delays lie between 10 and 20 s, 20 and 40 s, 40 and 80 s, 80 and 160 s, 160 and 320 s, and
 * then between 300 and 600 s: 12 attempts take 53 minutes on average. Where the dice would make it more than 60, fewer are made
 * (of 100,000 sequences 2.2 % had eleven).
 */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  baseMs: 1_000,
  capMs: 600_000,
  maxAttempts: 12,
  giveUpMs: 3_600_000,
  credentialGiveUpMs: 86_400_000,
};

/**
 * The delay before the attempt that follows attempt number `attemptNumber` (from 1), in whole milliseconds: exponential with
 * jitter, and never sooner than the provider wants. A date can be made of it, whatever the provider asked for.
 */
export function retryDelayMs(
  attemptNumber: number,
  { retryAfterMs = 0, backoffMs }: ProviderWish,
  { baseMs, capMs }: RetryPolicy,
  random: () => number,
): number {
  const asked = boundWaitMs(retryAfterMs);
  const doubled = 2 ** (attemptNumber - 1);
  // Jitter is added to what the provider wants, or all who were refused at once would return at once.
  if (backoffMs === undefined) return Math.round(asked + random() * Math.min(capMs, baseMs * doubled));
  const lower = Math.min(capMs / 2, boundWaitMs(backoffMs * doubled));
  return Math.round(Math.max(asked, lower) + random() * lower);
}
