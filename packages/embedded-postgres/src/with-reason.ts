import { EmbeddedPostgresError } from "./embedded-postgres-error.js";

/** What Postgres's programs and log say where there is no room. */
const NO_ROOM = /No space left on device|Disk quota exceeded/;

/**
 * That Postgres failed, with what it printed. What it prints when the disk is full is known; everything else is told after the
 * sentence, in its own words.
 */
export function withReason(sentence: string, printed: string, cause?: unknown): EmbeddedPostgresError {
  const options = cause === undefined ? undefined : { cause };
  if (NO_ROOM.test(printed)) {
    const wayOut = "make room, or set FANFARE_DATA_DIR to a folder on another disk";
    return new EmbeddedPostgresError(`${sentence}, for the disk is full: ${wayOut}.`, options);
  }
  return new EmbeddedPostgresError(`${sentence}; it says:\n${printed.trim()}`, options);
}
