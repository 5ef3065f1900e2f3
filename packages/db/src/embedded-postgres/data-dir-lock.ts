import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { identifyProcess, stillRuns } from "./process-identity.js";

const ownerSchema = z.object({ pid: z.int(), startedAt: z.string().nullable() });

/** Says who runs the Postgres of a data directory already. */
export class DataDirInUseError extends Error {
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
      const owner = readOwner(file);
      if (owner && stillRuns(owner)) {
        throw new DataDirInUseError(
          `Fanfare is running already in ${dataDir} (process ${owner.pid}). Stop it, or set FANFARE_DATA_DIR to another folder.`,
        );
      }
      rmSync(file, { force: true });
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

function readOwner(file: string): z.infer<typeof ownerSchema> | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    // Its owner removed it just now.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
