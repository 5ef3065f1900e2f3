import { type NewAuditEvent, recordAuditEvent, type Tx } from "@fanfare/db";
import { formatAccountId } from "@fanfare/domain";
import type { ApiDeps } from "./api-deps.js";
import type { Caller } from "./caller.js";
import { clientAddress } from "./client-address.js";
import { requestFields } from "./middleware/request-log.js";
import type { HttpExchange } from "./route.js";

/** Who makes the changes that follow from the settings of a process. */
export const BY_ENVIRONMENT = { actor: "environment", address: null } as const;

/** What was done: `accountId` is the UUID of the account that it was done to, or to something of. */
export type AuditNote = Pick<NewAuditEvent, "action" | "target"> & { accountId: string };

/**
 * Makes a change in one transaction with what `note` puts into the audit log of it, and tells the log once both are committed. A
 * change that turns out to be none notes nothing.
 */
export async function audited<Result>(
  { db, log }: Pick<ApiDeps, "db" | "log">,
  { req, res }: HttpExchange,
  { actor }: Caller,
  change: (tx: Tx, note: (what: AuditNote) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const noted: (AuditNote & NewAuditEvent)[] = [];
  const result = await db.$transaction((tx) =>
    change(tx, async (what) => {
      const event = { ...what, actor, address: clientAddress(req) ?? null };
      noted.push(event);
      await recordAuditEvent(tx, event);
    }),
  );
  for (const { accountId, ...event } of noted) {
    log.info({ ...requestFields(req, res), ...event, account: formatAccountId(accountId) }, "A change is audited");
  }
  return result;
}
