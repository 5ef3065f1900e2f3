import { resolve } from "node:path";
import { StartError } from "./start-error.js";

/** What keeps a process from its files, by the code of the system call. */
const TROUBLES: Readonly<Record<string, string>> = {
  EACCES: "this user may not read and write there",
  EPERM: "this user may not read and write there",
  EROFS: "its file system is read-only",
  ENOSPC: "its disk is full",
  EDQUOT: "this user's share of its disk is full",
  ENOENT: "it, or what it is in, is missing and can not be made",
  ENOTDIR: "it, or what it is in, is a file and no folder",
  EEXIST: "it is a file and no folder",
  EISDIR: "where a file should be is a folder",
  ELOOP: "its symbolic links lead round in a circle",
  ENAMETOOLONG: "its path is too long",
  EIO: "its disk fails",
};

/** Of these it is not the setting that has to change. */
const MAY_HEAL = new Set(["ENOSPC", "EDQUOT", "EIO"]);

/**
 * Does something with the files of the data directory.
 *
 * @param file The one that it is about, where the system does not say which.
 * @throws StartError when the system does not let it.
 */
export function inDataDir<Result>(dataDir: string, work: () => Result, file?: string): Result {
  const explain = (error: unknown): never => {
    throw explainTrouble(dataDir, error, file);
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(explain) as Result) : result;
  } catch (error) {
    return explain(error);
  }
}

function explainTrouble(dataDir: string, cause: unknown, file?: string): unknown {
  const { code = "", path = file } = (cause ?? {}) as NodeJS.ErrnoException;
  const trouble = TROUBLES[code];
  if (trouble === undefined) return cause;
  const folder = whole(dataDir);
  const at = path !== undefined && whole(path) !== folder ? ` (at ${path})` : "";
  const wayOut = MAY_HEAL.has(code) ? "make room, or set" : "set";
  return new StartError(
    `The data directory ${folder} can not be used, ${trouble}${at}: ${wayOut} FANFARE_DATA_DIR to a folder where this user may write.`,
    { cause, mayHeal: MAY_HEAL.has(code) },
  );
}

function whole(path: string): string {
  try {
    return resolve(path);
  } catch {
    // The working directory is gone, which may be the trouble itself.
    return path;
  }
}
