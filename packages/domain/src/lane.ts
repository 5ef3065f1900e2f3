/**
 * Where in its queue a batch belongs, by how deep into its operation it begins:
 *
 *     recipients 1–500: 0    501–10,000: 1    10,001–…: 2
 *
 * A queue is topped up with those of a low lane while it takes none of a higher one any more: a small send, a retry of one, and
 * the beginning of a large one get in, however many wait.
 */
export type Lane = 0 | 1 | 2;

/** All lanes, the first ones first. */
export const LANES = [0, 1, 2] as const satisfies readonly Lane[];

/** The lane of what begins at this recipient, counted from 1. */
export function laneOf(depth: number): Lane {
  if (depth <= 500) return 0;
  return depth <= 10_000 ? 1 : 2;
}
