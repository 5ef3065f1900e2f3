// CPU and memory of processes, as Linux tells them under /proc (proc_pid_stat(5)).
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"]));

function readStat(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [ppid, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
  return { ppid, own: utime + stime, children: cutime + cstime };
}

/** CPU microseconds of a process so far; with `family`, of its children too, the dead ones included. */
export function cpuMicros(pid, { family = false } = {}) {
  const { own, children } = readStat(pid);
  let ticks = own + (family ? children : 0);
  if (family) for (const child of childrenOf(pid)) ticks += ticksOf(child);
  return (ticks / TICKS_PER_SECOND) * 1e6;
}

// A child that ended meanwhile is in its parent's figure at the next look.
function ticksOf(pid) {
  try {
    return readStat(pid).own;
  } catch {
    return 0;
  }
}

function childrenOf(parent) {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readStat(name).ppid === parent;
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

/** The most memory that a process had resident so far, in MB; with `family`, of the largest of it and its children. */
export function peakMemoryMb(pid, { family = false } = {}) {
  return Math.max(...[pid, ...(family ? childrenOf(pid) : [])].map(peakOf));
}

function peakOf(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** What each role, and all of them, spent between two looks, for each of `count`. */
export function cpuSplit(before, after, count) {
  const split = Object.fromEntries(Object.keys(after).map((role) => [role, (after[role] - before[role]) / count]));
  return { ...split, total: Object.values(split).reduce((sum, micros) => sum + micros, 0) };
}

/** CPU time of a process's main thread so far, in milliseconds: what its event loop took, however long others had the core meanwhile. */
export function mainThreadMs(pid) {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e6;
}
