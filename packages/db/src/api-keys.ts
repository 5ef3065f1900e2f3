import { mintRowId, type Scope } from "@fanfare/domain";
import { type IdPage, olderThan, type StoredAccount } from "./accounts.js";
import type { Db, Tx } from "./connect.js";
import type { ApiKey } from "./generated/prisma/client.js";

/** An API key as stored. */
export type StoredApiKey = Omit<ApiKey, "scopes"> & { scopes: Scope[] };

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

/** Makes an API key; its secret is known by hash only. */
export async function createApiKey(
  tx: Tx,
  accountId: string,
  { name, scopes, secretHash }: { name: string; scopes: readonly Scope[]; secretHash: Buffer },
): Promise<StoredApiKey> {
  const data = { id: mintRowId(), accountId, name, scopes: [...scopes], secretHash: new Uint8Array(secretHash) };
  return (await tx.apiKey.create({ data })) as StoredApiKey;
}

/** The API keys of an account, newest first, revoked ones included. */
export async function listApiKeys(db: Db, accountId: string, { before, limit }: IdPage): Promise<StoredApiKey[]> {
  const where = { accountId, ...olderThan(before) };
  return (await db.apiKey.findMany({ where, orderBy: { id: "desc" }, take: limit })) as StoredApiKey[];
}

/** Keys of an account that can be used. */
export async function countApiKeys(tx: Tx, accountId: string): Promise<number> {
  return tx.apiKey.count({ where: { accountId, revokedAt: null } });
}

/** The API key of an account. */
export async function findApiKeyOf(db: Db, accountId: string, id: string): Promise<StoredApiKey | undefined> {
  return ((await db.apiKey.findUnique({ where: { id, accountId } })) ?? undefined) as StoredApiKey | undefined;
}

/** Revokes a key for good; `undefined` when the account has no such key. */
export async function revokeApiKey(
  tx: Tx,
  accountId: string,
  id: string,
): Promise<"revoked" | "already-revoked" | undefined> {
  const where = { id, accountId };
  const { count } = await tx.apiKey.updateMany({
    where: { ...where, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  if (count > 0) return "revoked";
  return (await tx.apiKey.count({ where })) > 0 ? "already-revoked" : undefined;
}
