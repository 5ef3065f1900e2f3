import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, stillRuns } from "./process-identity.js";

/** How long a fast shutdown may take before an immediate one follows, in milliseconds. */
const FAST_MS = 20_000;
const IMMEDIATE_MS = 5_000;

/** Stops a postmaster: fast shutdown, then immediate (recovered from at the next start), then SIGKILL. */
export async function stopPostgres(pid: number, exited: Promise<unknown>): Promise<void> {
  for (const [signal, waitMs] of [
    ["SIGINT", FAST_MS],
    ["SIGQUIT", IMMEDIATE_MS],
    ["SIGKILL", IMMEDIATE_MS],
  ] as const) {
    if (!kill(pid, signal) || (await within(exited, waitMs))) return;
  }
}

/**
 * Stops a postmaster that runs in a cluster's folder though nobody holds its lock: whoever started it was killed.
 * `postmaster.pid` names it; a number that belongs to another program by now is left alone.
 */
export async function stopOrphan(pgdata: string): Promise<void> {
  const pid = readPostmasterPid(pgdata);
  const orphan = pid === undefined ? undefined : identifyProcess(pid);
  if (!orphan || !isPostgresOf(orphan.pid, pgdata)) return;
  const exited = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (stillRuns(orphan)) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
  await stopPostgres(orphan.pid, exited);
}

function readPostmasterPid(pgdata: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(pgdata, "postmaster.pid"), "utf8"), 10) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isPostgresOf(pid: number, pgdata: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(pgdata);
  } catch {
    // No /proc (macOS): Postgres itself refuses to start beside a live one in the same folder, and says so.
    return false;
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
