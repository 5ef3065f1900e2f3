import { mintRowId, type Scope } from "@fanfare/domain";
import type { Db, Tx } from "./connect.js";
import type { ApiKey } from "./generated/prisma/client.js";
import { type IdPage, olderThan } from "./id-page.js";

/** An API key as stored. */
export type StoredApiKey = Omit<ApiKey, "scopes"> & { scopes: Scope[] };

/** What proves an API key, and what it may be used for. */
export interface ApiKeyProof {
  id: string;
  accountId: string;
  scopes: Scope[];
  secretHash: Uint8Array;
  /** It is not revoked, nor its account suspended. */
  isUsable: boolean;
}

/** The proof of an API key: one statement, whether or not there is such a key, so that the time does not tell. */
export async function findApiKeyProof(db: Db, id: string): Promise<ApiKeyProof | undefined> {
  const [found] = await db.$queryRaw<ApiKeyProof[]>`
    select k.id::text, k.account_id::text as "accountId", k.scopes, k.secret_hash as "secretHash",
      k.revoked_at is null and a.status = 'ACTIVE' as "isUsable"
    from api_keys k join accounts a on a.id = k.account_id where k.id = ${id}::uuid`;
  return found;
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
