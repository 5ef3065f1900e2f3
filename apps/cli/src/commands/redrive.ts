import { connectDb, recordAuditEvent, redriveOperation } from "@fanfare/db";
import { formatId, parseId } from "@fanfare/domain";
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
    if (id === undefined) throw new CommandError(REFUSALS["not-found"]);
    const result = await redriveOperation(db, id, code);
    if (result.kind !== "redriven") {
      throw new CommandError(REFUSALS[result.kind]);
    }
    const { accountId } = result;
    const event = {
      accountId,
      actor: "admin",
      action: "operation.redriven",
      target: formatId("operation", id),
    } as const;
    await recordAuditEvent(db, { ...event, address: null });
    process.stdout.write(`${result.notifications} notifications are put back to be sent.\n`);
  } finally {
    await db.$disconnect();
  }
}
