import { keep } from "./keep.js";
import { createWatchdog, type Watchdog, type WatchdogOptions } from "./watchdog.js";

/** How a worker gets on with its queue. */
export interface Progress extends Pick<WatchdogOptions, "waiting" | "intervalMs" | "nowMs"> {
  /** For how long jobs may wait while nothing is finished, in milliseconds: then only a new process helps. */
  stalledAfterMs: number;
  /** For how long jobs may wait, and hands be free, while none is begun, in milliseconds: then it takes no work. */
  untouchedAfterMs: number;
  /** Grows with whatever is finished. */
  finished: () => number;
  /** Jobs that were begun so far. */
  begun: () => number;
  /** Jobs that it could begin beside those in hand. */
  free: () => number;
}

/** Both watchdogs of a worker. Whoever makes them closes them. */
export interface ProgressWatch {
  progress: Watchdog;
  taking: Watchdog;
  close(): void;
}

/** Less than what lies between two looks, so that each finds it as it is, and two of one moment ask once. */
const SAME_MOMENT_MS = 250;

/**
 * Watches whether a worker gets on with its jobs, and whether it takes any. With all hands full it takes none by right, however long
 * that lasts: what is in them is `progress`'s to watch.
 */
export function watchProgress(progress: Progress, blockedMs: () => number): ProgressWatch {
  const { stalledAfterMs, untouchedAfterMs, finished, begun, free, ...clock } = progress;
  const waiting = keep(progress.waiting, SAME_MOMENT_MS, clock.nowMs);
  const common = { ...clock, waiting, blockedMs };
  const watched = {
    progress: createWatchdog({ ...common, stalledAfterMs, moved: finished, moving: "finished" }),
    taking: createWatchdog({
      ...{ ...common, stalledAfterMs: untouchedAfterMs, moved: begun, moving: "begun" as const },
      waiting: async () => (free() > 0 ? await waiting() : 0),
    }),
  };
  return {
    ...watched,
    close() {
      for (const watchdog of Object.values(watched)) watchdog.close();
    },
  };
}
