import { connectDb, recordAuditEvent, redriveOperation } from "@fanfare/db";
import { parseId } from "@fanfare/domain";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { findDatabase } from "../find-database.js";

const REFUSALS = {
  "not-found": "There is no such operation.",
  canceled: "The operation is canceled: nothing of it is sent any more.",
  expired: "The operation's TTL is over: send it again instead.",
} as const;

/**
 * `fanfare redrive`: puts the notifications of an operation that failed with one of the codes back to be sent; running
 * workers take them within a second.
 */
export async function redrive(
  config: CliConfig,
  operationId: string,
  { code }: { code: readonly string[] },
): Promise<void> {
  const databaseUrl = await findDatabase(config);
  const id = parseId("operation", operationId);
  const db = connectDb(databaseUrl);
  try {
    const result = id === undefined ? ({ kind: "not-found" } as const) : await redriveOperation(db, id, code);
    if (result.kind !== "redriven") {
      throw new CommandError(REFUSALS[result.kind]);
    }
    const event = { accountId: null, actor: "operator", action: "operation.redriven", target: operationId } as const;
    await recordAuditEvent(db, { ...event, address: null });
    process.stdout.write(`${result.notifications} notifications are put back to be sent.\n`);
  } finally {
    await db.$disconnect();
  }
}
