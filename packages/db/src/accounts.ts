import { type AuditAction, mintRowId, type Scope } from "@fanfare/domain";
import type { Db } from "./connect.js";
import type { Account, ApiKey, AuditEvent } from "./generated/prisma/client.js";

/** An account as stored. */
export type StoredAccount = Account;
/** An API key as stored. */
export type StoredApiKey = Omit<ApiKey, "scopes"> & { scopes: Scope[] };
/** An audit event as stored. */
export type StoredAuditEvent = AuditEvent;

/** A page of a list that is ordered by id, newest first. */
export interface IdPage {
  /** The last id of the page before. */
  before?: string | undefined;
  limit: number;
}

const olderThan = (before: string | undefined) => (before === undefined ? {} : { id: { lt: before } });

/** The account of an id, with what its secrets are compared with. */
export async function findAccount(db: Db, id: string): Promise<StoredAccount | undefined> {
  return (await db.account.findUnique({ where: { id } })) ?? undefined;
}

/** The API key of an id, and its account. */
export async function findApiKey(
  db: Db,
  id: string,
): Promise<{ apiKey: StoredApiKey; account: StoredAccount } | undefined> {
  const row = await db.apiKey.findUnique({ where: { id }, include: { account: true } });
  if (!row) return undefined;
  const { account, ...apiKey } = row;
  return { apiKey: apiKey as StoredApiKey, account };
}

/** Makes an account; its token is known by hash only. */
export async function createAccount(db: Db, name: string, tokenHash: Buffer): Promise<StoredAccount> {
  return db.account.create({ data: { id: mintRowId(), name, tokenHash: new Uint8Array(tokenHash) } });
}

/** Accounts, newest first. */
export async function listAccounts(db: Db, { before, limit }: IdPage): Promise<StoredAccount[]> {
  return db.account.findMany({ where: olderThan(before), orderBy: { id: "desc" }, take: limit });
}

/** Changes an account's name or status; `undefined` when there is no such account. */
export async function updateAccount(
  db: Db,
  id: string,
  change: { name?: string | undefined; status?: "ACTIVE" | "SUSPENDED" | undefined },
): Promise<StoredAccount | undefined> {
  const { count } = await db.account.updateMany({
    where: { id },
    data: {
      ...(change.name !== undefined && { name: change.name }),
      ...(change.status !== undefined && { status: change.status }),
      updatedAt: new Date(),
    },
  });
  return count === 0 ? undefined : findAccount(db, id);
}

/** Gives an account a new token; the present one stays valid until a time. */
export async function rotateToken(db: Db, id: string, tokenHash: Buffer, previousUntil: Date): Promise<StoredAccount> {
  await db.$executeRaw`
    update accounts set previous_token_hash = token_hash, previous_token_until = ${previousUntil},
      token_hash = ${tokenHash}, updated_at = now()
    where id = ${id}::uuid`;
  return db.account.findUniqueOrThrow({ where: { id } });
}

/**
 * Makes the account that the settings name, at first start. Later its token is the settings' only when these were
 * changed since: a token that was rotated over the API is not undone by a restart. A change is a rotation: the token
 * before stays valid for a while.
 */
export async function ensureEnvironmentAccount(
  db: Db,
  id: string,
  tokenHash: Buffer,
  previousValidSeconds: number,
): Promise<void> {
  await db.$executeRaw`
    insert into accounts as known (id, name, token_hash, environment_token_hash)
    values (${id}::uuid, 'default', ${tokenHash}, ${tokenHash})
    on conflict (id) do update set previous_token_hash = known.token_hash,
      previous_token_until = now() + make_interval(secs => ${previousValidSeconds}),
      token_hash = excluded.token_hash, environment_token_hash = excluded.environment_token_hash, updated_at = now()
    where known.environment_token_hash is distinct from excluded.environment_token_hash`;
}

/** Makes an API key; its secret is known by hash only. */
export async function createApiKey(
  db: Db,
  accountId: string,
  { name, scopes, secretHash }: { name: string; scopes: readonly Scope[]; secretHash: Buffer },
): Promise<StoredApiKey> {
  const data = { id: mintRowId(), accountId, name, scopes: [...scopes], secretHash: new Uint8Array(secretHash) };
  return (await db.apiKey.create({ data })) as StoredApiKey;
}

/** The API keys of an account, newest first, revoked ones included. */
export async function listApiKeys(db: Db, accountId: string, { before, limit }: IdPage): Promise<StoredApiKey[]> {
  const where = { accountId, ...olderThan(before) };
  return (await db.apiKey.findMany({ where, orderBy: { id: "desc" }, take: limit })) as StoredApiKey[];
}

/** Keys of an account that can be used. */
export async function countApiKeys(db: Db, accountId: string): Promise<number> {
  return db.apiKey.count({ where: { accountId, revokedAt: null } });
}

/** The API key of an account. */
export async function findApiKeyOf(db: Db, accountId: string, id: string): Promise<StoredApiKey | undefined> {
  return ((await db.apiKey.findUnique({ where: { id, accountId } })) ?? undefined) as StoredApiKey | undefined;
}

/** Revokes a key for good; `false` when the account has no such key. */
export async function revokeApiKey(db: Db, accountId: string, id: string): Promise<boolean> {
  await db.apiKey.updateMany({ where: { id, accountId, revokedAt: null }, data: { revokedAt: new Date() } });
  return (await db.apiKey.count({ where: { id, accountId } })) > 0;
}

/** Something that was done to accounts, keys, apps or credentials. */
export interface NewAuditEvent {
  accountId: string | null;
  actor: string;
  action: AuditAction;
  target: string;
  address: string | null;
}

/** Adds to the audit log. */
export async function recordAuditEvent(db: Db, event: NewAuditEvent): Promise<void> {
  await db.auditEvent.create({ data: { id: mintRowId(), ...event } });
}

/** The audit log of one account, or of all of them; newest first. */
export async function listAuditEvents(
  db: Db,
  accountId: string | undefined,
  { before, limit }: IdPage,
): Promise<StoredAuditEvent[]> {
  const where = { ...(accountId !== undefined && { accountId }), ...olderThan(before) };
  return db.auditEvent.findMany({ where, orderBy: { id: "desc" }, take: limit });
}
