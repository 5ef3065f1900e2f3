// CPU and memory of other processes, as Linux tells them under /proc (proc_pid_stat(5)).
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
  if (family) for (const child of childrenOf(pid)) ticks += readStat(child).own;
  return (ticks / TICKS_PER_SECOND) * 1e6;
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

/** The most memory that a process had resident so far, in MB. */
export function peakMemoryMb(pid) {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}
