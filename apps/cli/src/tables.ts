import type {
  AccountResource,
  ApiKeyResource,
  AttemptResource,
  AuditEventResource,
  NotificationDetails,
} from "@fanfare/domain";
import Table from "cli-table3";

// No colours: cli-table3 would write them into files and pipes too.
const STYLE = { style: { head: [], border: [], compact: true } };

/** Notifications as a table for a terminal. */
export function notificationsTable(notifications: readonly NotificationDetails[]): string {
  const table = new Table({ head: ["id", "to", "status", "attempts", "last error"], ...STYLE });
  for (const { id, to, status, attempts, lastError } of notifications) {
    const address = to.map(({ provider, token, userId }) => (token ? `${provider} ${token}` : userId)).join(", ");
    table.push([id, address, status, attempts, lastError?.code ?? ""]);
  }
  return table.toString();
}

/** Attempts as a table for a terminal. */
export function attemptsTable(attempts: readonly AttemptResource[]): string {
  const table = new Table({ head: ["#", "started", "outcome", "HTTP", "code", "took", "next attempt"], ...STYLE });
  for (const { attemptNumber, startedAt, outcome, httpStatus, providerCode, latencyMs, nextAttemptAt } of attempts) {
    const next = nextAttemptAt?.slice(11, 23) ?? "";
    table.push([
      attemptNumber,
      startedAt.slice(11, 23),
      outcome,
      httpStatus ?? "",
      providerCode ?? "",
      `${latencyMs} ms`,
      next,
    ]);
  }
  return table.toString();
}

/** Accounts as a table for a terminal. */
export function accountsTable(accounts: readonly AccountResource[]): string {
  const table = new Table({ head: ["id", "name", "status", "created"], ...STYLE });
  for (const { id, name, status, createdAt } of accounts) table.push([id, name, status, createdAt]);
  return table.toString();
}

/** API keys as a table for a terminal. */
export function apiKeysTable(apiKeys: readonly ApiKeyResource[]): string {
  const table = new Table({ head: ["id", "name", "scopes", "created", "revoked"], ...STYLE });
  for (const { id, name, scopes, createdAt, revokedAt } of apiKeys) {
    table.push([id, name, scopes.join(" "), createdAt, revokedAt ?? ""]);
  }
  return table.toString();
}

/** The audit log as a table for a terminal. */
export function auditTable(events: readonly AuditEventResource[]): string {
  const table = new Table({ head: ["when", "action", "target", "by", "from", "account"], ...STYLE });
  for (const { createdAt, action, target, actor, address, accountId } of events) {
    table.push([createdAt, action, target, actor, address ?? "", accountId ?? ""]);
  }
  return table.toString();
}
