import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, comparable on this machine only; null where the system does not tell. */
  startedAt: string | null;
}

/** The identity of a process that runs now; `undefined` when there is none of that number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!isAlive(pid)) return undefined;
  return { pid, startedAt: process.platform === "linux" ? readStartTime(pid) : ps(pid, "lstart") };
}

/** Whether the process still runs. */
export function stillRuns({ pid, startedAt }: ProcessIdentity): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (startedAt === null || now.startedAt === null || now.startedAt === startedAt);
}

/** The command line of a process, its arguments joined with blanks; `undefined` when there is no such process. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== "linux") return ps(pid, "command") ?? undefined;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// Field 22 of /proc/<pid>/stat (proc_pid_stat(5)) counts ticks since boot, so the boot belongs to it. The second field
// may contain blanks and ends with the last ")".
function readStartTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; only its parent has not looked yet.
    if (state === "Z") return "ended";
    return `${rest[18]} of ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return null;
  }
}

// macOS has no /proc.
function ps(pid: number, column: "lstart" | "command"): string | null {
  try {
    const text = execFileSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" });
    return text.trim() || null;
  } catch {
    return null;
  }
}
