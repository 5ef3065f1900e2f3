/**
 * No wait that a provider asks for is longer, in milliseconds: an hour after its first attempt a notification is given up
 * anyway (`giveUpMs`), and whatever else waits asks again by then.
 */
export const LONGEST_WAIT_MS = 3_600_000;

/**
 * A wait that a date can be made of, whatever arithmetic or a provider came to: whole milliseconds, from 0 to
 * {@link LONGEST_WAIT_MS}. What is not a number is no wait.
 */
export function boundWaitMs(ms: number): number {
  // Upwards: who asked for it is not come back to sooner.
  return Number.isNaN(ms) ? 0 : Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(ms)));
}
