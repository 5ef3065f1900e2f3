const BASE_MS = 100;
const CAP_MS = 10_000;

/** When a connection may be tried. Times are by `performance.now()`, in milliseconds. */
export interface ConnectBackoff {
  mayTry(now: number): boolean;
  /** A connection is tried. */
  tried(now: number): void;
  /** No connection came about. */
  failed(now: number): void;
  /** A connection ended before anything was answered on it. */
  endedUnanswered(now: number): void;
  /** The peer serves: a new connection has brought its first answer, or one that brought answers has ended. */
  served(): void;
}

/**
 * Makes a backoff: 100 ms, 200, 400, … 10 s, each less up to a half. It counts until an answer came, not until a connection
 * opened: a peer that takes connections and serves none is as good as away. One that ends unanswered, once, is bad luck.
 */
export function createConnectBackoff(random: () => number = Math.random): ConnectBackoff {
  let failures = 0;
  let notBefore = 0;

  const wait = (now: number) => {
    if (failures > 0) notBefore = now + Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);
  };

  return {
    mayTry: (now) => now >= notBefore,
    // The next one waits for what becomes of this one, as if it had failed.
    tried: wait,
    failed(now) {
      failures++;
      wait(now);
    },
    endedUnanswered(now) {
      wait(now);
      failures++;
    },
    served() {
      failures = 0;
      notBefore = 0;
    },
  };
}
