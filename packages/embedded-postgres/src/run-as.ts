import { execFileSync, type SpawnOptions } from "node:child_process";
import { chmodSync, chownSync, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { PostgresBinaries, PostgresProgram } from "./binaries.js";
import { closedFolder, type UserIds } from "./closed-folder.js";
import { copyBinaries } from "./copy-binaries.js";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";
import { passThrough, type SpawnCommand } from "./pass-through.js";

/** How a Postgres program is run as a user that is not root. */
export interface RunAs {
  /** What to spawn to run a program. */
  command(program: PostgresProgram, args: readonly string[]): SpawnCommand;
  /** Gives a file or an empty folder to that user. */
  own(path: string): void;
}

/** Users that may exist already and own nothing of importance to us. */
const USERS = ["postgres", "nobody"];

/**
 * Decides as whom Postgres runs. It refuses to run as root: then it runs as the owner of the cluster, or, when there is
 * none yet, as the user `postgres` or `nobody`. When a folder above the cluster or the programs (such as /root) is
 * closed to that user, it is let through; where the system has no means for that, it runs a copy of the programs.
 *
 * @throws Error when there is no such user, or no way to reach the cluster.
 */
export function runAs(pgdata: string, binaries: PostgresBinaries): RunAs {
  const me = process.getuid?.();
  const owner = existsSync(pgdata) ? statSync(pgdata) : undefined;
  if (me !== 0) {
    if (owner && me !== undefined && owner.uid !== me) {
      throw new EmbeddedPostgresError(
        `${pgdata} belongs to another user (uid ${owner.uid}): start Fanfare as that user, or as root.`,
      );
    }
    return { command: (program, args) => plain(binaries[program], args), own: () => undefined };
  }
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : findUser();
  return { command: reach(pgdata, binaries, user), own: (path) => chownSync(path, user.uid, user.gid) };
}

function reach(pgdata: string, binaries: PostgresBinaries, user: UserIds): RunAs["command"] {
  const programsClosed = closedFolder(binaries.postgres, user) !== undefined;
  if (programsClosed || closedFolder(pgdata, user)) {
    const wrap = passThrough(user, binaries.postgres);
    if (wrap) return (program, args) => wrap(binaries[program], args);
    openDataDir(pgdata, user);
  }
  const reachable = programsClosed ? copyBinaries(binaries) : binaries;
  return (program, args) => plain(reachable[program], args, user);
}

function plain(file: string, args: readonly string[], options: SpawnOptions = {}): SpawnCommand {
  return { file, args: [...args], options };
}

// The data directory is Fanfare's, so its group may change; the folders above it are somebody's, and stay as they are.
function openDataDir(pgdata: string, user: UserIds): void {
  if (closedFolder(pgdata, user) === undefined) return;
  const dataDir = dirname(pgdata);
  const above = closedFolder(dataDir, user);
  if (above === undefined && (statSync(dataDir).mode & 0o077) === 0) {
    chownSync(dataDir, 0, user.gid);
    chmodSync(dataDir, 0o710);
    return;
  }
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and ${above ?? dataDir} is closed to the user it runs as instead (uid ${user.uid}): install ` +
      "setpriv (of util-linux), set FANFARE_DATA_DIR to a folder such as /var/lib/fanfare, or start as another user.",
  );
}

function findUser(): UserIds {
  for (const name of USERS) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user: the next one.
    }
  }
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and there is no user ${USERS.join(" or ")} to run it as.`,
  );
}
