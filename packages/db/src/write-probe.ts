import { UtcPool } from "@fanfare/postgres";
import { unlessSilent } from "./disconnect.js";

/** Tries whether the database takes a write. Whoever makes it closes it. */
export interface WriteProbe {
  /**
   * Resolves when a row is written and committed. @throws when it is not, soon: on a server that is read-only, says nothing or is
   * away, that has no room left, or for a role that may not write.
   */
  write(): Promise<void>;
  close(): Promise<void>;
}

/** How long a write may wait for its commit, or for another one's, in milliseconds: a healthy server takes a few. */
const WRITE_TIMEOUT_MS = 1_000;
/** How long it may take to hear of that, in milliseconds: a connection that says nothing is thrown away. */
const SILENCE_MS = 1_500;

/** How long the connection is kept between two writes, in milliseconds. */
const KEEP_MS = 60_000;

/** How long Postgres may take to say goodbye, in milliseconds: whoever stops waits for that of the work's connections already. */
const GOODBYE_MS = 500;

/** Rows that the writes are spread over. */
const SLOTS = 64;

/**
 * One transaction of its own. A row that takes the place of an older one needs no room: on a full disk it was still written when
 * nothing else was (53100). So some room is asked for, of which nothing stays: what does not fit into the least `work_mem` goes into
 * a file, of 128 KB, on the disk of the tables.
 */
const WRITE = `
  set local work_mem = '64kB';
  with room as materialized (select repeat('x', 8192) from generate_series(1, 16)) select count(*) from room;
  insert into readiness_writes (slot, written_at) values (floor(random() * ${SLOTS}), now())
  on conflict (slot) do update set written_at = excluded.written_at`;

/**
 * Makes a probe with a connection of its own, which it keeps. One of the pool would be held for as long as a statement of the work may
 * take when it says nothing, and waited for when all are busy: to be busy is not to be away.
 */
export function createWriteProbe(url: string): WriteProbe {
  const pool = new UtcPool({
    ...{ connectionString: url, max: 1, idleTimeoutMillis: KEEP_MS, application_name: "fanfare-readiness" },
    ...{ statement_timeout: WRITE_TIMEOUT_MS, query_timeout: SILENCE_MS, connectionTimeoutMillis: SILENCE_MS },
  });
  // Of a connection that is lost between two writes the next one makes another.
  pool.on("error", () => undefined);
  return {
    async write() {
      await pool.query(WRITE);
    },
    close: () => unlessSilent(pool.end(), GOODBYE_MS),
  };
}
