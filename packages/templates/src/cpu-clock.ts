import process from "node:process";
import { type ThreadCpu, threadCpu } from "./thread-cpu.js";

/** What the process and the thread had used at one moment, in microseconds. */
export interface CpuReading {
  process: number;
  thread: number;
}

/** On Node 20 a reading takes 15 µs, as long as it takes to render a usual line. */
const RECENT_MS = 1;

/** Reads CPU time, in the thread that made it. */
export class CpuClock {
  private readonly threadCpu: ThreadCpu;
  private last: CpuReading | undefined;
  private lastAt = 0;

  constructor(ownThreadCpu: ThreadCpu = threadCpu) {
    this.threadCpu = ownThreadCpu;
  }

  read(): CpuReading {
    // In this order: to be asked for the process's has Linux bring the thread's up to date, which else moves by ticks of up to 10 ms.
    const { user, system } = process.cpuUsage();
    this.last = { process: user + system, thread: this.threadCpu() };
    this.lastAt = performance.now();
    return this.last;
  }

  /** A reading that is at most a millisecond old: what begins with it may be charged so much too much. */
  recent(nowMs: number): CpuReading {
    return this.last && nowMs - this.lastAt < RECENT_MS ? this.last : this.read();
  }
}

/**
 * Milliseconds of CPU time that a thread used between two readings. The process's are those of all its threads: they go
 * on while the compiler, a garbage collection or whatever runs beside keeps this one from its core, at four times its own
 * in a process that has just begun. They are never less than a thread's.
 *
 * Of a thread's time that has not moved nothing is believed, and the process's counts, or nothing would ever be used up: a
 * system that counts it has moved it, for whoever reads it a second time has run meanwhile.
 */
export function msBetween(from: CpuReading, to: CpuReading): number {
  const ofProcess = to.process - from.process;
  const ofThread = to.thread - from.thread;
  return (ofThread > 0 ? Math.min(ofThread, ofProcess) : ofProcess) / 1_000;
}
