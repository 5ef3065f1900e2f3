import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import type { PostgresBinaries } from "./binaries.js";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";

/** Root's alone to write, unlike /tmp: what another user may run from here is what was put here. */
const CACHE_DIR = "/var/cache/fanfare";

const packageSchema = z.object({ version: z.string().regex(/^[\w.-]+$/) });

/**
 * Copies the Postgres programs, with the libraries and files they look for beside them, to where every user reaches
 * them; one copy per version (60 MB) serves all. Needs root.
 *
 * @throws Error when it can not be made.
 */
export function copyBinaries(binaries: PostgresBinaries): PostgresBinaries {
  const native = dirname(dirname(binaries.postgres));
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")));
  const copy = join(CACHE_DIR, `postgres-${version}`);
  try {
    if (!existsSync(copy)) makeCopy(native, copy);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Postgres does not run as root, ${native} is closed to other users, and the copy in ${CACHE_DIR} failed ` +
        `(${(error as Error).message}): install setpriv (of util-linux), or start as another user.`,
      { cause: error },
    );
  }
  const moved = (file: string) => join(copy, relative(native, file));
  return { ...binaries, initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) };
}

// Made aside and moved into place: what bears the final name is whole.
function makeCopy(from: string, to: string): void {
  mkdirSync(CACHE_DIR, { recursive: true });
  chmodSync(CACHE_DIR, 0o755);
  const draft = mkdtempSync(`${to}.new-`);
  try {
    copyOpen(from, draft);
    renameSync(draft, to);
  } catch (error) {
    // Another process that starts at the same moment made it.
    if (!existsSync(to)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

// Whatever the umask is, and was when the originals were made, others can read the copy.
function copyOpen(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyOpen(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else {
      copyFileSync(source, target);
      chmodSync(target, 0o755);
    }
  }
}
