import { recordAuditEvent } from "@fanfare/db";
import { type AuditAction, formatAccountId } from "@fanfare/domain";
import type { ApiDeps } from "./api-deps.js";
import type { ActingAccount, Caller } from "./caller.js";
import { requestFields } from "./middleware/request-log.js";
import type { HttpExchange } from "./route.js";

type AuditDeps = Pick<ApiDeps, "db" | "log">;

/** Notes in the audit log, and in the log, what an account did to something of its own. */
export function audit(
  deps: AuditDeps,
  http: HttpExchange,
  account: ActingAccount,
  { action, target }: { action: AuditAction; target: string },
): Promise<void> {
  return record(deps, http, { accountId: account.id, actor: account.actor, action, target });
}

/** Notes in both what a caller did to an account itself. */
export function auditAccount(
  deps: AuditDeps,
  http: HttpExchange,
  { actor }: Caller,
  { action, accountId }: { action: AuditAction; accountId: string },
): Promise<void> {
  return record(deps, http, { accountId, actor, action, target: formatAccountId(accountId) });
}

interface AuditedChange {
  accountId: string;
  actor: string;
  action: AuditAction;
  target: string;
}

async function record(
  { db, log }: AuditDeps,
  { req, res }: HttpExchange,
  { accountId, ...change }: AuditedChange,
): Promise<void> {
  const event = { ...change, address: req.ip ?? null };
  await recordAuditEvent(db, { accountId, ...event });
  log.info({ ...requestFields(req, res), ...event, account: formatAccountId(accountId) }, "A change is audited");
}
