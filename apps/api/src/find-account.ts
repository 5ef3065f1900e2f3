import { findAccount, type StoredAccount, type Tx } from "@fanfare/db";
import { ACCOUNT_ID_PATTERN, accountUuid, shownId } from "@fanfare/domain";
import type { Caller } from "./caller.js";
import { notFound } from "./find-resource.js";

/** The path parameter of what is an account's own. */
export const accountParam = { accountId: shownId("account").regex(ACCOUNT_ID_PATTERN) };

/** The account of an id in a path. @throws AppError 404 for one that is not there and, unless the operator asks, for another's. */
export async function requireAccount(tx: Tx, caller: Caller, accountId: string): Promise<StoredAccount> {
  const uuid = accountUuid(accountId);
  const found = caller.kind === "operator" || caller.id === uuid ? await findAccount(tx, uuid) : undefined;
  if (!found) throw notFound("account", accountId);
  return found;
}
