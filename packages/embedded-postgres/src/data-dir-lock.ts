import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";
import { identifyProcess, type ProcessIdentity, stillRuns } from "./process-identity.js";

const ownerSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

/** Says who runs the Postgres of a data directory already. */
export class DataDirInUseError extends EmbeddedPostgresError {
  override readonly name = "DataDirInUseError";
}

/**
 * Takes a data directory for this process and returns how to give it back. A lock whose owner was killed is taken over.
 *
 * @throws DataDirInUseError when a running process holds it.
 */
export function lockDataDir(file: string, dataDir: string): () => void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identifyProcess(process.pid)));
  try {
    for (let tries = 0; tries < 10; tries++) {
      if (tryLink(draft, file)) return () => rmSync(file, { force: true });
      const found = readIfThere(file);
      if (found === undefined) continue;
      const owner = parseOwner(found);
      if (owner && stillRuns(owner)) {
        throw new DataDirInUseError(
          `Fanfare is running already in ${dataDir} (process ${owner.pid}). Stop it, or set FANFARE_DATA_DIR to another folder.`,
        );
      }
      removeStale(file, found);
    }
    throw new DataDirInUseError(`Several processes are starting in ${dataDir} at once.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

// Linking is atomic: of two processes that try, one succeeds, and a reader never sees half a file.
function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes the lock that was read as `stale`. Of two processes that found it stale the slower one must not remove the
 * lock that the faster one has made since: it is moved aside, which one process can do, looked at, and put back.
 */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readFileSync(aside, "utf8") !== stale) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

// A lock is linked whole: one that says nothing readable is what a power cut left of it, and its owner is gone.
function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
