/** Bounds how many lines of all batches of a worker are between their sending and their recording. */
export interface SendWindow {
  /**
   * Calls back, at once or later and in the order of its `key`: with true when a slot is taken for the caller, who must say
   * `answered` and then `release` it; with false when there is none because nothing of its key is answered.
   */
  take(key: string, onTaken: (granted: boolean) => void): void;
  /** What holds the slot has its answer, or needs none. */
  answered(key: string): void;
  release(key: string): void;
  close(): void;
}

/** How a window tells a key that stalls from one that is slow. */
export interface SendWindowOptions {
  /** Without any answer for so long a key stalls, in milliseconds. @default 2,000 */
  stalledAfterMs?: number;
}

interface Share {
  taken: number;
  unanswered: number;
  /** When the last answer came, or when it began to wait for one. */
  answeredAt: number;
  /** Whether it is among those that slots are given to. */
  listed: boolean;
  waiting: ((granted: boolean) => void)[];
  next: number;
}

/**
 * A key may hold this many times as many slots as are free: one alone two thirds of the window, a second one two thirds of the
 * rest, and so on (dynamic thresholds, Choudhury and Hahne 1998). However many keys stall, the next one finds some.
 */
const SHARE = 2;

/** Slots that one key gets before the next has its turn. */
const TURN = 64;

const TICK_MS = 250;

/**
 * Makes a window of `size` slots that several keys share: one that gives its slots back late does not hold up the others, and
 * while none of its calls is answered nobody waits for it.
 */
export function createSendWindow(size: number, { stalledAfterMs = 2_000 }: SendWindowOptions = {}): SendWindow {
  const shares = new Map<string, Share>();
  let waiting: Share[] = [];
  let free = size;
  let handingOut = false;

  // Loops, not a recursion: a caller may release its slot before `onTaken` returns, and thousands may do so in a row.
  function handOut(): void {
    if (handingOut) return;
    handingOut = true;
    for (let given = true; given; ) {
      given = false;
      let served = 0;
      for (const share of waiting) {
        given = giveTurn(share) || given;
        if (!isWaiting(share)) served++;
      }
      if (served > 0) unlistServed();
    }
    handingOut = false;
  }

  function unlistServed(): void {
    for (const share of waiting) share.listed = isWaiting(share);
    waiting = waiting.filter(({ listed }) => listed);
  }

  function giveTurn(share: Share): boolean {
    let turns = 0;
    while (turns < TURN && isWaiting(share) && share.taken < SHARE * free) {
      free--;
      share.taken++;
      if (share.unanswered++ === 0) share.answeredAt = performance.now();
      turns++;
      share.waiting[share.next++]?.(true);
    }
    if (!isWaiting(share)) {
      share.waiting = [];
      share.next = 0;
    }
    return turns > 0;
  }

  const isWaiting = (share: Share) => share.next < share.waiting.length;

  const stalls = ({ unanswered, answeredAt }: Share) =>
    unanswered > 0 && performance.now() - answeredAt > stalledAfterMs;

  function refuseStalled(): void {
    for (const share of waiting) {
      if (!stalls(share)) continue;
      while (isWaiting(share)) share.waiting[share.next++]?.(false);
    }
    handOut();
  }

  const timer = setInterval(refuseStalled, TICK_MS);

  return {
    take(key, onTaken) {
      let share = shares.get(key);
      if (!share) {
        share = { taken: 0, unanswered: 0, answeredAt: 0, listed: false, waiting: [], next: 0 };
        shares.set(key, share);
      }
      share.waiting.push(onTaken);
      if (!share.listed) {
        share.listed = true;
        waiting.push(share);
      }
      handOut();
    },
    answered(key) {
      const share = held(shares, key);
      share.unanswered--;
      share.answeredAt = performance.now();
    },
    release(key) {
      const share = held(shares, key);
      free++;
      share.taken--;
      if (share.taken === 0 && !share.listed) shares.delete(key);
      handOut();
    },
    close: () => clearInterval(timer),
  };
}

function held(shares: ReadonlyMap<string, Share>, key: string): Share {
  const share = shares.get(key);
  if (!share) throw new Error(`Nobody holds a slot for ${key}.`);
  return share;
}
