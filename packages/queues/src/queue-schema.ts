import { createHash } from "node:crypto";

/** What BullMQ takes for the name of a schema. */
const SCHEMA_NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;

/**
 * The schema of BullMQ's tables, beside that of Fanfare's: two installations in one database share no queue.
 *
 *     public ─► bullmq    push ─► push_bullmq    Push-1 ─► bullmq_418930d2ab5f22ff, of what BullMQ takes for no name a hash
 */
export function queueSchemaOf(tablesIn: string): string {
  if (tablesIn === "public") return "bullmq";
  const beside = `${tablesIn}_bullmq`;
  if (SCHEMA_NAME.test(beside)) return beside;
  return `bullmq_${createHash("sha256").update(tablesIn).digest("hex").slice(0, 16)}`;
}
