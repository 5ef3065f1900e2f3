/** How a {@link Watchdog} tells work from standstill. */
export interface WatchdogOptions {
  /** For how long work may wait while nothing moves, in milliseconds. */
  stalledAfterMs: number;
  /** How much waits for this process or another of its kind; rejects when that can not be told. */
  waiting: () => Promise<number>;
  /** Grows with whatever moves. */
  moved: () => number;
  /** What it is to move, for the reason. */
  moving: "finished" | "begun";
  /** How long the event loop was blocked so far, in milliseconds: nothing of the process ran for so long. */
  blockedMs: () => number;
  /** How often it looks, in milliseconds. @default 1,000 */
  intervalMs?: number;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  nowMs?: () => number;
}

/** Notices that a worker has work and gets nowhere. Whoever makes it closes it. */
export interface Watchdog {
  /** Rejects, with the reason, while work waits and nothing has moved for too long. */
  check(): Promise<void>;
  /**
   * Looks now, as it does by itself every now and then.
   * @internal
   */
  look(): Promise<void>;
  close(): void;
}

/** How long it may take to hear how much waits, in milliseconds. */
const SILENT_AFTER_MS = 3_000;

/**
 * Makes a watchdog. Nothing to do is no standstill; neither is what stands still because the database or the queue is away
 * (`waiting` rejects then), which other checks tell, and which no restart would mend.
 */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { stalledAfterMs, waiting, moved, moving, blockedMs } = options;
  const { intervalMs = 1_000, nowMs = () => performance.now() } = options;
  let movedAt = nowMs();
  let blockedBefore = blockedMs();
  let movedBefore = moved();
  let waitingNow = 0;
  let lookingSince: number | undefined;

  async function look(): Promise<void> {
    // What stood still with the process is not what stands still in it.
    const blocked = blockedMs();
    movedAt += blocked - blockedBefore;
    blockedBefore = blocked;
    if (lookingSince !== undefined) {
      // Who says nothing for so long can not tell, which is another check's to say.
      if (nowMs() - lookingSince >= SILENT_AFTER_MS) movedAt = nowMs();
      return;
    }
    lookingSince = nowMs();
    try {
      waitingNow = await waiting();
    } catch {
      // That it can not be told is another check's to say.
      waitingNow = 0;
    }
    lookingSince = undefined;
    const stands = moved() === movedBefore && waitingNow > 0;
    movedBefore = moved();
    if (!stands) movedAt = nowMs();
  }

  const timer = setInterval(() => void look(), intervalMs);
  return {
    look,
    async check() {
      const seconds = Math.floor((nowMs() - movedAt) / 1_000);
      if (seconds * 1_000 >= stalledAfterMs) {
        throw new Error(`${waitingNow} jobs wait and nothing was ${moving} for ${seconds} s`);
      }
    },
    close: () => clearInterval(timer),
  };
}
