import { closeSync, openSync, readSync } from "node:fs";
import process from "node:process";

/** CPU time that the thread which calls has used so far, in microseconds; NaN where that can not be told. */
export type ThreadCpu = () => number;

const bytes = Buffer.alloc(64);

/** Node tells it from 22.15 on, Linux whatever the Node; NaN elsewhere. */
export const threadCpu: ThreadCpu = [ofNode, ofLinux].find((ask) => ask() >= 0) ?? (() => Number.NaN);

function ofNode(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  try {
    const usage = threadCpuUsage?.();
    return usage ? usage.user + usage.system : Number.NaN;
  } catch {
    // Not every system counts by thread.
    return Number.NaN;
  }
}

/** Opened anew each time: which thread is meant is settled when it is opened, and nobody has to close it later. */
function ofLinux(): number {
  let file: number | undefined;
  try {
    file = openSync("/proc/thread-self/schedstat", "r");
    // The first of three numbers, in nanoseconds.
    return Number.parseInt(bytes.toString("latin1", 0, readSync(file, bytes)), 10) / 1_000;
  } catch {
    // No Linux, or a sandbox that is none altogether.
    return Number.NaN;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
