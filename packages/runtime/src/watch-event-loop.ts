/** How an {@link EventLoopWatch} looks. */
export interface EventLoopWatchOptions {
  /** Told how long the event loop was blocked, in milliseconds: nothing of the process ran for so long. */
  onBlocked: (blockedMs: number) => void;
  /** How often it looks, in milliseconds; a shorter block is not noticed. @default 1,000 */
  intervalMs?: number;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  nowMs?: () => number;
}

/** Notices that the process stood still: by its own doing, for want of a processor, or halted. Whoever makes it closes it. */
export interface EventLoopWatch {
  /** Looks now, and returns how long the event loop was blocked so far, in milliseconds. */
  blockedMs(): number;
  close(): void;
}

/** Watches this process's event loop. */
export function watchEventLoop(options: EventLoopWatchOptions): EventLoopWatch {
  const { onBlocked, intervalMs = 1_000, nowMs = () => performance.now() } = options;
  let lookedAt = nowMs();
  let total = 0;

  function blockedMs(): number {
    const lateMs = nowMs() - lookedAt - intervalMs;
    lookedAt = nowMs();
    if (lateMs < intervalMs) return total;
    total += lateMs;
    onBlocked(Math.round(lateMs));
    return total;
  }

  // A process that has nothing else to do is not kept for it.
  const timer = setInterval(blockedMs, intervalMs).unref();
  return { blockedMs, close: () => clearInterval(timer) };
}
