import { spawn } from "node:child_process";

/** Longer than an app that has lost its supervisor takes to finish what is in flight, in seconds. */
const GRACE_S = 30;

/** Waits for the end of its input; then ends the postmaster, unless another one runs in its place by then. */
const SCRIPT = `read -r _; sleep "$1"; [ "$(head -n 1 "$3/postmaster.pid" 2>/dev/null)" = "$2" ] && kill -INT "$2"`;

/**
 * Ends a postmaster some time after this process is gone, even by SIGKILL: a shell reads a pipe that this process
 * holds open. Returns how to call it off, which resolves once that shell is gone. Where there is no shell, a Postgres left
 * behind is stopped at the next start.
 */
export function endAfterUs(pid: number, pgdata: string, graceS = GRACE_S): () => Promise<void> {
  const shell = spawn("sh", ["-c", SCRIPT, "sh", String(graceS), String(pid), pgdata], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  for (const emitter of [shell, shell.stdin]) emitter.on("error", () => undefined);
  const gone = new Promise<void>((resolve) => {
    for (const end of ["exit", "error"]) shell.once(end, () => resolve());
  });
  // Neither keeps this process running: its end is what they are there for.
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => {
    shell.ref();
    shell.kill("SIGKILL");
    return gone;
  };
}
