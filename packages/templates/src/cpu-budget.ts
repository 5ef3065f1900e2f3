import { CpuClock, type CpuReading, msBetween } from "./cpu-clock.js";

const cpuClock = new CpuClock();

/** CPU time of its thread that something may take. A clock would go on while a busy machine keeps the thread waiting. */
export class CpuBudget {
  private readonly ms: number;
  private readonly clock: CpuClock;
  private readonly begunAt = performance.now();
  /** Not asked for before: a thread's CPU time goes no faster than the clock. */
  private earliestEnd: number;
  /** Where counting begins; moved by what is not charged. */
  private begun: CpuReading;

  constructor(ms: number, clock = cpuClock) {
    this.ms = ms;
    this.clock = clock;
    this.begun = clock.recent(this.begunAt);
    this.earliestEnd = this.begunAt + ms;
  }

  /** Whether more was used than there is. */
  isUsedUp(nowMs = performance.now()): boolean {
    // To ask for the CPU time takes far longer than to look at the clock.
    if (nowMs <= this.earliestEnd) return false;
    const leftMs = this.ms - this.usedMs();
    this.earliestEnd = nowMs + leftMs;
    return leftMs < 0;
  }

  /** Whether more than so many milliseconds were used. */
  hasUsed(ms: number): boolean {
    return performance.now() - this.begunAt > ms && this.usedMs() > ms;
  }

  /** Milliseconds used so far. */
  usedMs(): number {
    return msBetween(this.begun, this.clock.read());
  }

  /** Runs something that is not charged. */
  uncharged<Result>(run: () => Result): Result {
    const before = this.clock.read();
    try {
      return run();
    } finally {
      const after = this.clock.read();
      this.begun = {
        process: this.begun.process + after.process - before.process,
        thread: this.begun.thread + after.thread - before.thread,
      };
    }
  }
}
