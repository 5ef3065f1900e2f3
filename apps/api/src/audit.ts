import { recordAuditEvent } from "@fanfare/db";
import { type AuditAction, formatAccountId } from "@fanfare/domain";
import { requestFields } from "./middleware/request-log.js";
import type { Call } from "./route.js";

/** Notes in the audit log, and in the log, what a caller did, to which account's resource. */
export async function audit(
  { context, caller, req, res }: Pick<Call<unknown, unknown, unknown>, "context" | "caller" | "req" | "res">,
  action: AuditAction,
  target: string,
  accountId: string = caller.accountId,
): Promise<void> {
  const event = { accountId, actor: caller.actor, action, target, address: req.ip ?? null };
  await recordAuditEvent(context.db, event);
  const account = formatAccountId(accountId);
  context.log.info({ ...requestFields(req, res), ...event, accountId: undefined, account }, "A change is audited");
}
