import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Sends a signal to a process and to all that descend from it; those that are gone already are let be. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const member of [pid, ...descendantsOf(pid)]) signalProcess(member, signal);
}

/** Sends a signal to a process; `false` when it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** The processes that a process started, and those that they started: as Linux tells under /proc. */
export function descendantsOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const pid of processes()) {
    const parent = parentOf(pid);
    if (parent !== undefined) parents.set(Number(pid), parent);
  }
  const found: number[] = [];
  for (const [pid] of parents) {
    for (let parent = parents.get(pid); parent !== undefined; parent = parents.get(parent)) {
      if (parent !== root) continue;
      found.push(pid);
      break;
    }
  }
  return found;
}

function parentOf(pid: string): number | undefined {
  const stat = read(pid, "stat");
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The processes that work in a folder, by what they were started with: as Linux tells under /proc; elsewhere none is found. */
export function processesIn(dir: string): string[] {
  if (!existsSync("/proc")) return [];
  return processes().flatMap((pid) => {
    const command = read(pid, "cmdline");
    return `${command}\0${read(pid, "environ")}`.includes(dir) ? [`${pid} ${command.replaceAll("\0", " ")}`] : [];
  });
}

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

function read(pid: string, file: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended meanwhile, or is another user's.
    return "";
  }
}
