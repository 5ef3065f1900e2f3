import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { endAfterUs } from "./end-after-us.js";
import type { SpawnCommand } from "./pass-through.js";
import { postmasterEnv } from "./postgres-variables.js";
import { stopPostgres } from "./stop-postgres.js";

/** A postmaster that was spawned; whether it came up is another matter. */
export interface SpawnedPostgres {
  /** Absent when the program could not be run. */
  pid: number | undefined;
  /** Why it has ended, once it has. */
  ended(): string | undefined;
  exited: Promise<void>;
  stop(): Promise<void>;
}

/** What a postmaster is spawned with. */
export interface PostmasterOptions {
  pgdata: string;
  /** An open file that it writes to. */
  log: number;
  /** A number in `postmaster.pid` that no postmaster has any more. */
  formerPid: number | undefined;
}

/** Spawns a postmaster that does not outlive this process for long. */
export function spawnPostgres(
  { file, args, options }: SpawnCommand,
  { pgdata, log, formerPid }: PostmasterOptions,
): SpawnedPostgres {
  // In a session of its own: a Ctrl-C in the terminal is for us, and we stop it after those who use it.
  const child = spawn(file, args, {
    ...{ ...options, cwd: dirname(pgdata), detached: true, stdio: ["ignore", log, log] },
    env: postmasterEnv(formerPid),
  });
  const { pid } = child;
  let ended: string | undefined;
  const exited = new Promise<void>((done) => {
    const end = (why: string) => {
      ended = why;
      done();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const callOff = pid === undefined ? async () => undefined : endAfterUs(pid, pgdata);
  const calledOff = exited.then(callOff);
  return {
    pid,
    ended: () => ended,
    exited,
    async stop() {
      // Its number may belong to another process once it has ended.
      if (pid !== undefined && ended === undefined) await stopPostgres(pid, exited);
      await calledOff;
    },
  };
}
