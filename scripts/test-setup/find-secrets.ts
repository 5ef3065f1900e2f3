import type { Db } from "@fanfare/db";

/** Of a text that is looked for, at least: see {@link anyOf}. */
export const SECRET_LENGTH = 16;

/** Where secrets were found that must not be there: `table <name>` or the line of a log, never the secret. */
export async function findSecrets(db: Db, log: readonly string[], secrets: readonly string[]): Promise<string[]> {
  const needles = secrets.flatMap(needlesOf);
  const holdsAny = anyOf(needles.flatMap((needle) => [needle, Buffer.from(needle).toString("hex")]));
  const inLog = log.filter(holdsAny);
  // The rows of a partitioned table are those of its partitions.
  const tables = await db.$queryRaw<Table[]>`
    select oid::regclass::text as name, pg_relation_size(oid)::float8 / current_setting('block_size')::int as blocks
    from pg_class
    where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;
  const inTables: string[] = [];
  for (const table of tables) {
    let count = 0;
    for await (const row of rowsOf(db, table)) if (holdsAny(row)) count += 1;
    if (count > 0) inTables.push(`table ${table.name}: ${count} rows`);
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
 * eight characters is one of the needle's own: Postgres's `like any` takes twenty times as long, a regular expression thirteen.
 */
function anyOf(needles: readonly string[]): (text: string) => boolean {
  const withPiece = new Map<string, string[]>();
  for (const needle of needles) {
    if (needle.length < SECRET_LENGTH) throw new Error(`Only texts of at least ${SECRET_LENGTH} characters are found.`);
    for (let at = 0; at < PIECE; at += 1) {
      const piece = needle.slice(at, at + PIECE);
      withPiece.set(piece, [...(withPiece.get(piece) ?? []), needle]);
    }
  }
  return (text) => {
    for (let at = 0; at + PIECE <= text.length; at += PIECE) {
      if (withPiece.get(text.slice(at, at + PIECE))?.some((needle) => text.includes(needle))) return true;
    }
    return false;
  };
}

interface Table {
  name: string;
  blocks: number;
}

const BLOCKS_AT_ONCE = 100;

/** Every row of a table as text, bytes as hex; read block by block, each once. */
async function* rowsOf(db: Db, { name, blocks }: Table): AsyncGenerator<string> {
  for (let block = 0; block < blocks; block += BLOCKS_AT_ONCE) {
    const rows = await db.$queryRawUnsafe<{ text: string }[]>(
      `select (t.*)::text as text from ${name} t where ctid >= $1::tid and ctid < $2::tid`,
      `(${block},0)`,
      `(${block + BLOCKS_AT_ONCE},0)`,
    );
    for (const { text } of rows) yield text;
  }
}
