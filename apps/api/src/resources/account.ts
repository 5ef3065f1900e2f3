import type { StoredAccount, StoredApiKey, StoredAuditEvent } from "@fanfare/db";
import {
  type AccountResource,
  type ApiKeyResource,
  type AuditEventResource,
  formatAccountId,
  formatApiKeyId,
  ulidOf,
} from "@fanfare/domain";

/** An account as the API shows it. */
export function toAccountResource({
  id,
  name,
  status,
  previousTokenUntil,
  createdAt,
  updatedAt,
}: StoredAccount): AccountResource {
  const overlaps = previousTokenUntil !== null && previousTokenUntil > new Date();
  return {
    id: formatAccountId(id),
    name,
    status,
    previousAuthTokenValidUntil: overlaps ? previousTokenUntil.toISOString() : null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** An API key as the API shows it. */
export function toApiKeyResource({ id, name, scopes, createdAt, revokedAt }: StoredApiKey): ApiKeyResource {
  return {
    id: formatApiKeyId(id),
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** An entry of the audit log as the API shows it. */
export function toAuditEventResource({
  id,
  accountId,
  actor,
  action,
  target,
  address,
  createdAt,
}: StoredAuditEvent): AuditEventResource {
  return {
    id: `comms_event_${ulidOf(id)}`,
    accountId: accountId === null ? null : formatAccountId(accountId),
    actor,
    action: action as AuditEventResource["action"],
    target,
    address,
    createdAt: createdAt.toISOString(),
  };
}
