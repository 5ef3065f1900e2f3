import { mintRowId } from "@fanfare/domain";
import type { Db, Tx } from "./connect.js";
import type { Account } from "./generated/prisma/client.js";

/** An account as stored. */
export type StoredAccount = Account;

/** The account of an id, with what its secrets are compared with. */
export async function findAccount(tx: Tx, id: string): Promise<StoredAccount | undefined> {
  return (await tx.account.findUnique({ where: { id } })) ?? undefined;
}

/** Makes an account; its token is known by hash only. */
export async function createAccount(tx: Tx, name: string, tokenHash: Buffer): Promise<StoredAccount> {
  return tx.account.create({ data: { id: mintRowId(), name, tokenHash: new Uint8Array(tokenHash) } });
}

/** A page of accounts, which are ordered by age: the id of one that the settings name tells nothing of it. */
export interface AccountPage {
  /** The last account of the page before. */
  before?: Pick<StoredAccount, "createdAt" | "id"> | undefined;
  limit: number;
}

/** Accounts, newest first: all of them, or one alone. */
export async function listAccounts(db: Db, { before, limit }: AccountPage, only?: string): Promise<StoredAccount[]> {
  const where = {
    ...(only !== undefined && { id: only }),
    ...(before && {
      createdAt: { lte: before.createdAt },
      NOT: { createdAt: before.createdAt, id: { gte: before.id } },
    }),
  };
  return db.account.findMany({ where, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: limit });
}

/** Changes an account's name or status, in a transaction; `undefined` when there is no such account. */
export async function updateAccount(
  tx: Tx,
  id: string,
  change: { name?: string | undefined; status?: "ACTIVE" | "SUSPENDED" | undefined },
): Promise<{ before: StoredAccount; after: StoredAccount } | undefined> {
  await lockAccount(tx, id);
  const before = await findAccount(tx, id);
  if (!before) return undefined;
  const data = {
    ...(change.name !== undefined && { name: change.name }),
    ...(change.status !== undefined && { status: change.status }),
    updatedAt: new Date(),
  };
  return { before, after: await tx.account.update({ where: { id }, data }) };
}

/** Gives an account that is there a new token; the present one stays valid for some seconds. */
export async function rotateToken(
  tx: Tx,
  id: string,
  tokenHash: Buffer,
  previousValidSeconds: number,
): Promise<StoredAccount> {
  await tx.$executeRaw`
    update accounts set previous_token_hash = token_hash,
      previous_token_until = now() + make_interval(secs => ${previousValidSeconds}),
      past_token_hashes = array_append(past_token_hashes, token_hash), token_hash = ${tokenHash}, updated_at = now()
    where id = ${id}::uuid`;
  return tx.account.findUniqueOrThrow({ where: { id } });
}

/** Makes changes to an account take turns: "the first", "the default" and "at most" mean something then. */
export async function lockAccount(tx: Tx, id: string): Promise<void> {
  await tx.$queryRaw`select from accounts where id = ${id}::uuid for update`;
}

/** What became of the account that the settings name; `stale`: nothing, for their token is one that was replaced since. */
export type EnvironmentAccountChange = "created" | "token-rotated" | "stale" | undefined;

/**
 * Makes the account that the settings name, at first start. Later its token is the settings' only when these were
 * changed since: a token that was rotated over the API is not undone by a restart, nor brought back by a process whose settings were
 * left behind. A change is a rotation, after which the token before stays valid for some seconds; settings that follow one that was
 * made over the API are none.
 */
export async function ensureEnvironmentAccount(
  tx: Tx,
  id: string,
  tokenHash: Buffer,
  previousValidSeconds: number,
): Promise<EnvironmentAccountChange> {
  const made = await tx.$executeRaw`
    insert into accounts (id, name, token_hash, environment_token_hash)
    values (${id}::uuid, 'default', ${tokenHash}, ${tokenHash}) on conflict do nothing`;
  if (made > 0) return "created";
  await lockAccount(tx, id);
  const [known] = await tx.$queryRaw<{ given: boolean; present: boolean; past: boolean }[]>`
    select environment_token_hash is not distinct from ${tokenHash} as given, token_hash = ${tokenHash} as present,
      ${tokenHash} = any(past_token_hashes) as past
    from accounts where id = ${id}::uuid`;
  if (known?.given) return undefined;
  if (known?.past && !known.present) return "stale";
  if (!known?.present) await rotateToken(tx, id, tokenHash, previousValidSeconds);
  await tx.$executeRaw`update accounts set environment_token_hash = ${tokenHash} where id = ${id}::uuid`;
  return known?.present ? undefined : "token-rotated";
}
