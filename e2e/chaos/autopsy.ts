import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Db } from "@fanfare/db";
import type { TokenCounts } from "./simulator-control.js";

/** Rows of one query. */
const PAGE = 5_000;

/** Tables whose rows tell what became of a send; provider keys are not among them. */
const TABLES = {
  operations: "id",
  recipient_batches: "id",
  delivery_batches: "id",
  notifications: "operation_id, ordinal",
  notification_addresses: "operation_id, ordinal, position",
  attempts: "operation_id, ordinal, number",
  idempotency_keys: "key",
  invalid_tokens: "id",
};

/** Writes what is needed to find out why a seed failed, beside the logs and the timeline: one JSON object a line. */
export async function writeAutopsy(
  dir: string,
  { db, tokens, details }: { db: Db; tokens: ReadonlyMap<string, TokenCounts>; details: object },
): Promise<void> {
  writeFileSync(join(dir, "verdict.json"), `${JSON.stringify(details, undefined, 2)}\n`);
  const received = [...tokens].map(([token, counts]) => JSON.stringify({ token, ...counts }));
  writeFileSync(join(dir, "simulator.ndjson"), `${received.join("\n")}\n`);
  mkdirSync(join(dir, "tables"), { recursive: true });
  for (const [table, order] of Object.entries(TABLES)) await dumpTable(db, table, order, join(dir, "tables"));
}

async function dumpTable(db: Db, table: string, order: string, dir: string): Promise<void> {
  const file = createWriteStream(join(dir, `${table}.ndjson`));
  for (let offset = 0; ; offset += PAGE) {
    const rows = await db.$queryRawUnsafe<{ row: unknown }[]>(
      `select row_to_json(t) as row from ${table} t order by ${order} limit ${PAGE} offset ${offset}`,
    );
    for (const { row } of rows) file.write(`${JSON.stringify(row)}\n`);
    if (rows.length < PAGE) break;
  }
  await new Promise<void>((done) => file.end(done));
}
