/** Bounds how many lines of all batches of a worker are between their sending and their recording. */
export interface SendWindow {
  /** Calls back, at once or later and in order, when a slot is taken for the caller, who must `release` it. */
  take(onTaken: () => void): void;
  release(): void;
}

/** Makes a window of `size` slots. */
export function createSendWindow(size: number): SendWindow {
  let free = size;
  let waiting: (() => void)[] = [];
  let next = 0;
  let handingOut = false;

  // A loop, not a recursion: a caller may release its slot before `onTaken` returns, and thousands may do so in a row.
  function handOut(): void {
    if (handingOut) return;
    handingOut = true;
    while (free > 0 && next < waiting.length) {
      free--;
      waiting[next++]?.();
    }
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    handingOut = false;
  }

  return {
    take(onTaken) {
      waiting.push(onTaken);
      handOut();
    },
    release() {
      free++;
      handOut();
    },
  };
}
