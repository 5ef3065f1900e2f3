import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";

/**
 * Makes a file that only its owner reads, unless there is one; tells whether it was made here. Written aside and linked
 * into place: a reader sees the whole file or none, and of several writers one wins.
 */
export function createSecretFile(file: string, makeContent: () => string): boolean {
  if (existsSync(file)) return false;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, makeContent(), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}
