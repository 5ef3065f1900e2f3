import process from "node:process";

/** CPU time that something may take. A clock would go on while a busy machine keeps the process waiting. */
export class CpuBudget {
  private readonly ms: number;
  private readonly cpuBefore = process.cpuUsage();
  private readonly begunAt = performance.now();
  /** What is not charged, in microseconds of CPU time. */
  private unchargedMicros = 0;

  constructor(ms: number) {
    this.ms = ms;
  }

  /** Whether more was used than there is. */
  isUsedUp(nowMs?: number): boolean {
    return this.hasUsed(this.ms, nowMs);
  }

  /** Whether more than so many milliseconds were used. */
  hasUsed(ms: number, nowMs = performance.now()): boolean {
    // To ask for the CPU time takes far longer than to look at the clock.
    return nowMs - this.begunAt > ms && this.usedMs() > ms;
  }

  /** Milliseconds used so far. */
  usedMs(): number {
    const { user, system } = process.cpuUsage(this.cpuBefore);
    return (user + system - this.unchargedMicros) / 1_000;
  }

  /** Runs something that is not charged. */
  uncharged<Result>(run: () => Result): Result {
    const before = process.cpuUsage();
    try {
      return run();
    } finally {
      const { user, system } = process.cpuUsage(before);
      this.unchargedMicros += user + system;
    }
  }
}
