import type { Lane } from "@fanfare/domain";

/** A queue has as many jobs as it may: what does not enter waits in the database, and the dispatcher enqueues it in time. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/** Whether a batch is enqueued by whoever made it, or is due: it has waited in the database. */
export type Turn = "new" | "due";

/** The room in one queue, as one process sees it. */
export interface QueueRoom {
  /** Counts the queue's jobs, unless what is known of them is fresh. @throws when the queue does not answer. */
  look(): Promise<void>;
  /** Jobs of a lane for which there is room. */
  free(lane: Lane, turn: Turn): number;
  /** Takes up room for a job. */
  take(): void;
}

/** How much of a queue's bound may be taken when a job of a lane enters. */
const SHARES: Record<Lane, number> = { 0: 1, 1: 0.75, 2: 0.5 };

/**
 * How much of that may be taken when what is new enters: the rest is for what is due, or under load that never ends new batches
 * would take each place that becomes free between two sweeps of the dispatcher, and what waits would wait for ever.
 */
const SHARE_OF_TURN: Record<Turn, number> = { new: 0.9, due: 1 };

/** How old a count far from the bound may be, and one that says that the queue is full, in milliseconds. */
const FAR_MS = 1_000;
const FULL_MS = 100;

/** From this share of the bound on each look counts anew: others may have filled the queue since. */
const NEAR = 0.25;

/**
 * Makes the room of a queue that takes `jobsMax` jobs. Each process counts for itself what it adds, and sees what others add
 * when it counts: many that fill a queue at once may pass its bound by what they add within that moment.
 */
export function createQueueRoom(
  jobsMax: number,
  count: () => Promise<number>,
  nowMs: () => number = () => performance.now(),
): QueueRoom {
  let jobs = 0;
  /** Since ever. */
  let taken = 0;
  let counting: Promise<void> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;

  function freshForMs(): number {
    if (jobs < jobsMax * NEAR) return FAR_MS;
    return jobs < jobsMax ? 0 : FULL_MS;
  }

  async function countAnew(): Promise<void> {
    const takenBefore = taken;
    try {
      const counted = await count();
      jobs = counted + taken - takenBefore;
      countedAt = nowMs();
    } finally {
      counting = undefined;
    }
  }

  return {
    async look() {
      if (nowMs() - countedAt < freshForMs()) return;
      counting ??= countAnew();
      await counting;
    },
    free: (lane, turn) => Math.max(0, Math.floor(jobsMax * SHARES[lane] * SHARE_OF_TURN[turn]) - jobs),
    take() {
      jobs++;
      taken++;
    },
  };
}
