/** When a failed attempt is tried again, and when no more. */
export interface RetryPolicy {
  /** Upper bound of the first delay, in milliseconds. */
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

/**
 * Upper bounds of the delays: 1 s, 2 s, 4 s, 8 s, 16 s, 32 s, 64 s, 128 s, 256 s, 512 s, 600 s: 12 attempts within
 * 27 minutes at most and 14 on average, below the 60 minutes after which Google's guide says to give up
 * (https://firebase.google.com/docs/cloud-messaging/scale-fcm).
 */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  baseMs: 1_000,
  capMs: 600_000,
  maxAttempts: 12,
  giveUpMs: 3_600_000,
  credentialGiveUpMs: 86_400_000,
};

/**
 * The delay before the attempt that follows attempt number `attemptNumber` (from 1), in milliseconds:
 * exponential with full jitter, and never sooner than the provider asked for.
 */
export function retryDelayMs(
  attemptNumber: number,
  retryAfterMs: number | undefined,
  policy: RetryPolicy,
  random: () => number,
): number {
  const bound = Math.min(policy.capMs, policy.baseMs * 2 ** (attemptNumber - 1));
  // Jitter is added to what the provider asked for, or all who were throttled at once would return at once.
  return Math.round((retryAfterMs ?? 0) + random() * bound);
}
