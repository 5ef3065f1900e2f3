import { recordAuditEvent } from "@fanfare/db";
import type { AuditAction } from "@fanfare/domain";
import type { Call } from "./route.js";

/** Notes in the audit log what a caller did, to which account's resource. */
export async function audit(
  { context, caller, req }: Pick<Call<unknown, unknown, unknown>, "context" | "caller" | "req">,
  action: AuditAction,
  target: string,
  accountId: string = caller.accountId,
): Promise<void> {
  await recordAuditEvent(context.db, { accountId, actor: caller.actor, action, target, address: req.ip ?? null });
}
