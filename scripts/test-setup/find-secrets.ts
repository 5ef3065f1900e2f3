import type { Db } from "@fanfare/db";

/** Where secrets were found that must not be there: `table <name>` or the line of a log, never the secret. */
export async function findSecrets(db: Db, log: readonly string[], secrets: readonly string[]): Promise<string[]> {
  const needles = secrets.flatMap(needlesOf);
  const inLog = log.filter((line) => needles.some((needle) => line.includes(needle)));
  const patterns = needles.flatMap((needle) => [like(needle), like(Buffer.from(needle).toString("hex"))]);
  const tables = await db.$queryRaw<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`;
  const inTables: string[] = [];
  for (const { name } of tables) {
    const [row] = await db.$queryRawUnsafe<{ count: number }[]>(
      `select count(*)::int as count from ${name} t where t::text like any($1::text[])`,
      patterns,
    );
    if (row?.count) inTables.push(`table ${name}: ${row.count} rows`);
  }
  return [...inTables, ...inLog.map((line) => `log: ${line.slice(0, 80)}`)];
}

// A key in PEM form is looked for line by line: whoever copies it escapes or drops the line ends.
function needlesOf(secret: string): string[] {
  if (!secret.includes("-----BEGIN")) return [secret];
  return secret.split(/\\n|\n/).filter((line) => line.length >= 40 && !line.includes("-----"));
}

const like = (text: string) => `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
