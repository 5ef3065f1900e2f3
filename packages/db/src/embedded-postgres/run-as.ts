import { execFileSync, type SpawnOptions, spawnSync } from "node:child_process";
import { chownSync, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** How a Postgres program is run as a user that is not root. */
export interface RunAs {
  /** What to spawn in place of a command. */
  command(file: string, args: readonly string[]): { file: string; args: string[]; options: SpawnOptions };
  /** Gives a file or an empty folder to that user. */
  own(path: string): void;
}

/** Users that may exist already and own nothing of importance to us. */
const USERS = ["postgres", "nobody"];

/**
 * Decides as whom Postgres runs. It refuses to run as root: then it runs as the owner of the cluster, or, when there is
 * none yet, as the user `postgres` or `nobody`. When that user can not reach the cluster or the program, because a
 * folder above it (such as /root) is closed to others, `setpriv` grants the process the one capability it needs to pass
 * through.
 *
 * @throws Error when there is no such user, or no way to reach the paths.
 */
export function runAs(pgdata: string, program: string): RunAs {
  const me = process.getuid?.();
  const owner = existsSync(pgdata) ? statSync(pgdata) : undefined;
  if (me !== 0) {
    if (owner && me !== undefined && owner.uid !== me) {
      throw new Error(`${pgdata} belongs to another user (uid ${owner.uid}): start Fanfare as that user, or as root.`);
    }
    return { command: (file, args) => ({ file, args: [...args], options: {} }), own: () => undefined };
  }
  const { uid, gid } = owner && owner.uid !== 0 ? owner : findUser();
  const own = (path: string) => chownSync(path, uid, gid);
  const closed = [pgdata, program].map((path) => closedFolder(path, uid)).find((folder) => folder !== undefined);
  if (!closed) return { command: (file, args) => ({ file, args: [...args], options: { uid, gid } }), own };
  if (spawnSync("setpriv", ["--version"]).status !== 0) {
    throw new Error(
      `Postgres does not run as root, and the user it runs as instead can not pass through ${closed}. ` +
        "Start Fanfare as another user, or set FANFARE_DATA_DIR to a folder such as /var/lib/fanfare.",
    );
  }
  const privileges = [
    ...["--reuid", String(uid), "--regid", String(gid), "--clear-groups"],
    ...["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override", "--"],
  ];
  return { command: (file, args) => ({ file: "setpriv", args: [...privileges, file, ...args], options: {} }), own };
}

function findUser(): { uid: number; gid: number } {
  for (const name of USERS) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error(`Postgres does not run as root, and there is no user ${USERS.join(" or ")} to run it as.`);
}

/** The first folder on the way to a path that the user may not pass through. */
function closedFolder(path: string, uid: number): string | undefined {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid: owner } = statSync(folder);
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
