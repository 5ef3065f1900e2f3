/** How long a silent peer is trusted, in milliseconds. */
export interface PeerWatchTimes {
  pingIdleMs: number;
  pingTimeoutMs: number;
  requestTimeoutMs: number;
}

/** Asks a peer that is silent whether it is there, by PING (RFC 9113, section 6.7). Whatever it says then is an answer. */
export class PeerWatch {
  private readonly times: PeerWatchTimes;
  private heardAt = performance.now();
  private pingSentAt: number | undefined;

  constructor(times: PeerWatchTimes) {
    this.times = times;
  }

  /** Anything came from the peer. */
  hear(now: number): void {
    this.heardAt = now;
    this.pingSentAt = undefined;
  }

  /** What to do now. A peer that owes answers is asked sooner than one that is merely idle. */
  check(now: number, owesAnswers: boolean): "ping" | "give up" | "wait" {
    const { pingIdleMs, pingTimeoutMs, requestTimeoutMs } = this.times;
    if (this.pingSentAt !== undefined) return now - this.pingSentAt > pingTimeoutMs ? "give up" : "wait";
    if (now - this.heardAt < (owesAnswers ? Math.min(pingIdleMs, requestTimeoutMs / 3) : pingIdleMs)) return "wait";
    this.pingSentAt = now;
    return "ping";
  }
}
