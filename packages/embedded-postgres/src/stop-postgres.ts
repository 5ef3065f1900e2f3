import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine, identifyProcess, type ProcessIdentity, stillRuns } from "./process-identity.js";

/** How long a fast shutdown may take before an immediate one follows, in milliseconds. */
const FAST_MS = 20_000;
const IMMEDIATE_MS = 5_000;

/**
 * Stops a postmaster: fast shutdown, then immediate (recovered from at the next start), then SIGKILL.
 *
 * @throws Error when it is still there after all of that.
 */
export async function stopPostgres(pid: number, exited: Promise<unknown>): Promise<void> {
  for (const [signal, waitMs] of [
    ["SIGINT", FAST_MS],
    ["SIGQUIT", IMMEDIATE_MS],
    ["SIGKILL", IMMEDIATE_MS],
  ] as const) {
    if (!kill(pid, signal) || (await within(exited, waitMs))) return;
  }
  throw new Error(`Postgres (process ${pid}) does not end.`);
}

/**
 * Stops what runs in a cluster's folder though nobody holds its lock: a postmaster whose starter was killed, or the
 * backends of a postmaster that was killed itself. `postmaster.pid` is only there after such an end; a number that
 * belongs to another program by now is left alone. Returns the number in it.
 */
export async function stopOrphans(pgdata: string, clusterName: string): Promise<number | undefined> {
  const pid = readPostmasterPid(pgdata);
  if (pid === undefined) return undefined;
  const orphan = identifyProcess(pid);
  if (orphan && commandLine(pid)?.includes(`-D ${pgdata} `)) await stopPostgres(pid, ended([orphan]));
  // It may have been killed while it was being stopped.
  await endBackends(clusterName);
  return pid;
}

// A busy backend notices late that its postmaster is gone, and Postgres does not start beside it. Killing it loses
// nothing: what it had not committed is lost with its postmaster anyway. Elsewhere than on Linux it is waited for.
async function endBackends(clusterName: string): Promise<void> {
  if (process.platform !== "linux") return;
  const backends = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid)?.startsWith(`postgres: ${clusterName}: `))
    .flatMap((pid) => identifyProcess(pid) ?? []);
  for (const { pid } of backends) kill(pid, "SIGKILL");
  if (!(await within(ended(backends), IMMEDIATE_MS))) throw new Error("The backends of a killed Postgres do not end.");
}

function ended(processes: readonly ProcessIdentity[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (processes.some(stillRuns)) return;
      clearInterval(timer);
      resolve();
    }, 20);
    // Whoever waits for this has a time limit, and may be past it.
    timer.unref();
  });
}

function readPostmasterPid(pgdata: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(pgdata, "postmaster.pid"), "utf8"), 10) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
