import type { Db } from "@fanfare/db";

/** Of a text that is looked for, at least: see {@link anyOf}. */
export const SECRET_LENGTH = 16;

/** Where secrets were found that must not be there: `table <name>` or the line of a log, never the secret. */
export async function findSecrets(db: Db, log: readonly string[], secrets: readonly string[]): Promise<string[]> {
  const needles = secrets.flatMap(needlesOf);
  const holdsAny = anyOf(needles.flatMap((needle) => [needle, Buffer.from(needle).toString("hex")]));
  const inLog = log.filter(holdsAny);
  // The rows of a partitioned table are those of its partitions.
  const tables = await db.$queryRaw<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;
  const inTables: string[] = [];
  for (const { name } of tables) {
    let count = 0;
    for await (const row of rowsOf(db, name)) if (holdsAny(row)) count += 1;
    if (count > 0) inTables.push(`table ${name}: ${count} rows`);
  }
  return [...inTables, ...inLog.map((line) => `log: ${line.slice(0, 80)}`)];
}

// A key in PEM form is looked for line by line: whoever copies it escapes or drops the line ends.
function needlesOf(secret: string): string[] {
  if (!secret.includes("-----BEGIN")) return [secret];
  return secret.split(/\\n|\n/).filter((line) => line.length >= 40 && !line.includes("-----"));
}

const PIECE = SECRET_LENGTH / 2;

/**
 * Tells whether a text holds any of hundreds of needles. Wherever one stands in it, one of the text's every eighth pieces of
 * eight characters is one of the needle's own: Postgres's `like any` takes twelve times as long, a regular expression seven.
 */
function anyOf(needles: readonly string[]): (text: string) => boolean {
  const pieces = new Set<string>();
  for (const needle of needles) {
    if (needle.length < SECRET_LENGTH) throw new Error(`Only texts of at least ${SECRET_LENGTH} characters are found.`);
    for (let at = 0; at < PIECE; at += 1) pieces.add(needle.slice(at, at + PIECE));
  }
  return (text) => {
    for (let at = 0; at + PIECE <= text.length; at += PIECE) {
      if (pieces.has(text.slice(at, at + PIECE))) return needles.some((needle) => text.includes(needle));
    }
    return false;
  };
}

const ROWS_AT_ONCE = 5_000;

/** Every row of a table as text, bytes as hex. */
async function* rowsOf(db: Db, table: string): AsyncGenerator<string> {
  let after = "(0,0)";
  for (;;) {
    const rows = await db.$queryRawUnsafe<{ at: string; text: string }[]>(
      `select t.ctid::text as at, t::text as text from ${table} t where t.ctid > $1::tid order by t.ctid limit ${ROWS_AT_ONCE}`,
      after,
    );
    for (const { text } of rows) yield text;
    const last = rows.at(-1);
    if (!last) return;
    after = last.at;
  }
}
