import { type DeadToken, mintRowId, type Provider, tokenKey } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { CREDENTIAL_PROVIDER } from "./credential-provider.js";
import { Prisma } from "./generated/prisma/client.js";

/**
 * Keeps tokens as dead, so that they are not tried any more: unless the same token was registered after the provider
 * saw it die (Apple, "Handling notification responses": the timestamp of a 410). What is kept already stays.
 */
export async function recordDeadTokens(db: Db, tokens: readonly DeadToken[]): Promise<void> {
  const rows = tokens.map(({ credentialId, credentialVersion, token, code, deadSince, final }) => ({
    ...{ id: mintRowId(), credential_id: credentialId, credential_version: credentialVersion, final },
    ...{ token_key: tokenKey(token), token, code, dead_since: deadSince },
  }));
  await db.$executeRaw`
    insert into invalid_tokens (
      id, account_id, app_id, credential_id, credential_version, provider, token_key, token, code, final, invalidated_at
    )
    select distinct on (t.credential_id, t.token_key) t.id, c.account_id, c.app_id, c.id, t.credential_version,
      ${CREDENTIAL_PROVIDER}, t.token_key, t.token, t.code, t.final, t.dead_since
    from json_to_recordset(${JSON.stringify(rows)}::json) as t(
      id uuid, credential_id uuid, credential_version integer, token_key uuid, token text, code text, final boolean,
      dead_since timestamptz
    )
    join credentials c on c.id = t.credential_id
    where not exists (
      select from device_registrations r
      where r.app_id = c.app_id and r.provider = ${CREDENTIAL_PROVIDER}
        and r.token_key = t.token_key and r.registered_at > t.dead_since
    )
    order by t.credential_id, t.token_key
    on conflict (credential_id, token_key) do update
    set credential_version = excluded.credential_version, code = excluded.code, final = excluded.final,
      invalidated_at = excluded.invalidated_at, recorded_at = now(), id = excluded.id
    where invalid_tokens.credential_version < excluded.credential_version`;
}

/**
 * Takes the tokens off the list that a credential's present content may be the reason of: tokens of uninstalled apps stay.
 */
export async function forgetSuspectedTokens(db: Db, { id, version }: { id: string; version: number }): Promise<void> {
  await db.invalidToken.deleteMany({ where: { credentialId: id, credentialVersion: version, final: false } });
}

/**
 * Which of some tokens are known dead under a credential, by their keys. A mark that another key or topic might lift
 * holds for the content that the credential had then.
 */
export async function findDeadTokenKeys(
  db: Db,
  credentialId: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ key: string }[]>`
    select t.token_key::text as key from invalid_tokens t join credentials c on c.id = t.credential_id
    where t.credential_id = ${credentialId}::uuid and (t.final or t.credential_version = c.version)
      and t.token_key in (select value::uuid from json_array_elements_text(${JSON.stringify(keys)}::json))`;
  return new Set(rows.map(({ key }) => key));
}

/** Whether any token is known dead under a credential: mostly none is, and nothing has to be looked up. */
export async function hasDeadTokens(db: Db, credentialId: string): Promise<boolean> {
  return (await db.invalidToken.findFirst({ where: { credentialId }, select: { id: true } })) !== null;
}

/** An entry of the feed of dead tokens. */
export interface StoredInvalidToken {
  id: string;
  provider: Provider;
  token: string;
  appName: string | null;
  credentialId: string;
  code: string;
  invalidatedAt: Date;
  recordedAt: Date;
}

/** Where a page of the feed begins: behind this entry. */
export interface InvalidTokenCursor {
  recordedAt: Date;
  id: string;
}

/** The dead tokens of an account that were recorded since a time, oldest first. */
export function invalidTokensQuery(
  accountId: string,
  { since, after, limit }: { since?: Date | undefined; after?: InvalidTokenCursor | undefined; limit: number },
): Prisma.Sql {
  return Prisma.sql`
    select t.id::text, t.provider, t.token, a.name as "appName", t.credential_id::text as "credentialId", t.code,
      t.invalidated_at as "invalidatedAt", t.recorded_at as "recordedAt"
    from invalid_tokens t join apps a on a.id = t.app_id
    where t.account_id = ${accountId}::uuid
      ${since ? Prisma.sql`and t.recorded_at >= ${since}` : Prisma.empty}
      ${after ? Prisma.sql`and (t.recorded_at, t.id) > (${after.recordedAt}, ${after.id}::uuid)` : Prisma.empty}
    order by t.recorded_at, t.id limit ${limit}`;
}

/** Runs {@link invalidTokensQuery}. */
export async function listInvalidTokens(
  db: Db,
  accountId: string,
  page: Parameters<typeof invalidTokensQuery>[1],
): Promise<StoredInvalidToken[]> {
  return db.$queryRaw<StoredInvalidToken[]>(invalidTokensQuery(accountId, page));
}
