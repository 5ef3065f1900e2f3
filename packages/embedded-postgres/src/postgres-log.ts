import { closeSync, copyFileSync, fstatSync, openSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";

/** The log file of a postmaster, while it runs. */
export interface PostgresLog {
  /** What the postmaster writes to. */
  readonly handle: number;
  /** The last lines that were written since it was opened. */
  lastLines(): string;
  /** It is looked after no more. */
  close(): void;
}

/** At this size, in bytes, what is in the file moves to `<file>.1`, in the place of what was there. */
const MAX_BYTES = 10_000_000;
const LOOK_MS = 2_000;
const LAST_LINES = 8;

/**
 * Opens a log that is appended to, whoever wrote it before, and keeps it small: the file is copied and emptied, for the
 * postmaster goes on with the one it has.
 */
export function openPostgresLog(file: string, maxBytes = MAX_BYTES, lookMs = LOOK_MS): PostgresLog {
  rotate(file, maxBytes);
  const handle = openSync(file, "a", 0o600);
  const begin = fstatSync(handle).size;
  const timer = setInterval(() => rotate(file, maxBytes), lookMs).unref();
  return {
    handle,
    lastLines() {
      const all = readFileSync(file);
      return all
        .subarray(all.length < begin ? 0 : begin)
        .toString()
        .trim()
        .split("\n")
        .slice(-LAST_LINES)
        .join("\n");
    },
    close() {
      clearInterval(timer);
      closeSync(handle);
    },
  };
}

function rotate(file: string, maxBytes: number): void {
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < maxBytes) return;
    // First: where the disk is full, it is what there is room for.
    rmSync(`${file}.1`, { force: true });
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch {
    // A full disk, or a folder that is gone: no reason to end who runs the postmaster. The next look tries again.
  }
}
