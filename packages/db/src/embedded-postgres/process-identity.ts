import { readFileSync } from "node:fs";

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the kernel's ticks since boot; null where the system does not tell. */
  startedAt: string | null;
}

/** The identity of a process that runs now; `undefined` when there is none of that number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!isAlive(pid)) return undefined;
  return { pid, startedAt: readStartTime(pid) };
}

/** Whether the process still runs. */
export function stillRuns({ pid, startedAt }: ProcessIdentity): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (startedAt === null || now.startedAt === null || now.startedAt === startedAt);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the second field may contain blanks and ends with the last ")".
function readStartTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; only its parent has not looked yet.
    return state === "Z" ? "ended" : (rest[18] ?? null);
  } catch {
    return null;
  }
}
