/** Says how far back in the queues an account's next operation begins. */
export interface QueueRank {
  /** Recipients that stand before an operation of `recipients`, which counts from then on. */
  take(accountId: string, recipients: number): number;
}

/** Sizes of operations, in recipients: what an account sends stands behind its own of the same size and smaller ones. */
const SIZES = [10, 100, 1_000, Number.POSITIVE_INFINITY];

/** How fast what an account has sent is taken for done, in recipients a second: little, for what is unfair is a burst. */
const DONE_PER_SECOND = 2_000;

/** Accounts that are remembered before those that have nothing before them are forgotten. */
const FORGET_ABOVE = 1_000;

interface Recent {
  /** By size. */
  recipients: number[];
  at: number;
}

/**
 * Makes a rank. An operation's priority is how deep into it a batch lies, so that a thousand operations of an account would
 * all begin at the front, before another account's first: each one therefore stands behind what its account has just sent.
 * Not behind larger operations: a small send overtakes its own account's large one too.
 *
 * Each API process counts for itself: what comes out is an order, not a limit.
 */
export function createQueueRank(nowMs: () => number = () => performance.now()): QueueRank {
  const accounts = new Map<string, Recent>();

  function settle(recent: Recent, now: number): void {
    // The smallest go first.
    let done = ((now - recent.at) / 1_000) * DONE_PER_SECOND;
    recent.at = now;
    for (const [size, recipients] of recent.recipients.entries()) {
      const left = Math.max(0, recipients - done);
      done -= recipients - left;
      recent.recipients[size] = left;
    }
  }

  function forgetIdle(now: number): void {
    for (const [accountId, recent] of accounts) {
      settle(recent, now);
      if (recent.recipients.every((recipients) => recipients === 0)) accounts.delete(accountId);
    }
  }

  return {
    take(accountId, recipients) {
      const now = nowMs();
      if (accounts.size > FORGET_ABOVE && !accounts.has(accountId)) forgetIdle(now);
      const recent = accounts.get(accountId) ?? { recipients: SIZES.map(() => 0), at: now };
      accounts.set(accountId, recent);
      settle(recent, now);
      const size = SIZES.findIndex((bound) => recipients <= bound);
      const ahead = recent.recipients.slice(0, size + 1).reduce((sum, count) => sum + count, 0);
      recent.recipients[size] = (recent.recipients[size] ?? 0) + recipients;
      return Math.floor(ahead);
    },
  };
}
