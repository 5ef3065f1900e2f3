/** BullMQ's lowest priority. */
const PRIORITY_MAX = 2 ** 21 - 1;

/**
 * A job's priority, from how deep into its operation it begins; 0 goes first. So a small send waits for the jobs in
 * flight and not for a large one, and of two large ones the one that has sent less goes first:
 *
 *     recipients 1–500: 0    501–1,000: 1    …    999,501–1,000,000: 1,999
 */
export function priorityForDepth(firstOrdinal: number): number {
  return Math.min(Math.floor((firstOrdinal - 1) / 500), PRIORITY_MAX);
}
