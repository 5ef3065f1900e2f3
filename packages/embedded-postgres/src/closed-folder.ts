import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The first folder on the way up from a path that a user may not pass through, one in no groups but its own. */
export function closedFolder(path: string, user: UserIds): string | undefined {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const pass = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & pass) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** A user by its numbers. */
export interface UserIds {
  uid: number;
  gid: number;
}
