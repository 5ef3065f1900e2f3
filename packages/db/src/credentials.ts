import {
  type CredentialContent,
  type CredentialRef,
  type CredentialType,
  mintRowId,
  storedContentSchemaOf,
  UnusableCredentialError,
  type Verification,
  verificationSchema,
} from "@fanfare/domain";
import { lockAccount } from "./accounts.js";
import { ensureApp } from "./apps.js";
import type { Db, Tx } from "./connect.js";
import type { Prisma } from "./generated/prisma/client.js";
import { type IdPage, olderThan } from "./id-page.js";
import { type Keyring, openSecret, resealSecret, sealSecret, UnknownMasterKeyError } from "./sealed-secret.js";

const withApp = {
  ...{ id: true, type: true, isDefault: true, version: true, createdAt: true, updatedAt: true },
  app: { select: { name: true } },
} as const satisfies Prisma.CredentialSelect;

/** A credential as stored, without its content. */
export type StoredCredential = Prisma.CredentialGetPayload<{ select: typeof withApp }>;

/** Limits of an account. */
export interface AppLimits {
  appsPerAccount: number;
  credentialsPerApp: number;
}

/** A credential to be stored. */
export type NewCredential = CredentialContent & {
  appName: string;
  isDefault?: boolean | undefined;
  fromEnvironment?: boolean;
};

/** What became of a new credential. */
export type CreateResult =
  | { kind: "created"; credential: StoredCredential }
  | { kind: "limit"; limit: "apps" | "credentials"; max: number };

/**
 * Stores a credential, its content sealed, in a transaction; makes the app when there is none. The first credential of a type is the
 * app's default of that type, and one with `isDefault` takes that from the other.
 */
export async function createCredential(
  tx: Tx,
  keyring: Keyring,
  accountId: string,
  credential: NewCredential,
  limits: AppLimits,
): Promise<CreateResult> {
  const { appName, type, content, fromEnvironment = false } = credential;
  const id = mintRowId();
  const sealed = sealSecret(keyring, id, JSON.stringify(content));
  await lockAccount(tx, accountId);
  const apps = await tx.app.findMany({ where: { accountId }, select: { name: true } });
  if (!apps.some(({ name }) => name === appName) && apps.length >= limits.appsPerAccount) {
    return { kind: "limit", limit: "apps", max: limits.appsPerAccount };
  }
  const app = await ensureApp(tx, accountId, appName);
  const others = await tx.credential.findMany({ where: { appId: app.id }, select: { type: true, isDefault: true } });
  if (others.length >= limits.credentialsPerApp) {
    return { kind: "limit", limit: "credentials", max: limits.credentialsPerApp };
  }
  const isDefault = credential.isDefault === true || !others.some((other) => other.type === type && other.isDefault);
  if (isDefault) await dropDefault(tx, app.id, type);
  const data = { id, accountId, appId: app.id, type, isDefault, sealed, fromEnvironment };
  return { kind: "created", credential: await tx.credential.create({ data, select: withApp }) };
}

const dropDefault = (tx: Tx, appId: string, type: CredentialType) =>
  tx.credential.updateMany({ where: { appId, type, isDefault: true }, data: { isDefault: false } });

/** The credentials of an account, newest first. */
export async function listCredentials(
  db: Db,
  accountId: string,
  { before, limit }: IdPage,
): Promise<StoredCredential[]> {
  const where = { accountId, ...olderThan(before) };
  return db.credential.findMany({ where, select: withApp, orderBy: { id: "desc" }, take: limit });
}

/** The credential of an id. */
export async function findCredential(db: Db, accountId: string, id: string): Promise<StoredCredential | undefined> {
  return (await db.credential.findUnique({ where: { id, accountId }, select: withApp })) ?? undefined;
}

/** Changes a credential, in a transaction; new content is another version of it. `undefined` when there is no such credential. */
export async function updateCredential(
  tx: Tx,
  keyring: Keyring,
  accountId: string,
  id: string,
  change: { isDefault?: true | undefined; content?: CredentialContent["content"] | undefined },
): Promise<StoredCredential | undefined> {
  await lockAccount(tx, accountId);
  const credential = await tx.credential.findUnique({ where: { id, accountId } });
  if (!credential) return undefined;
  if (change.isDefault) await dropDefault(tx, credential.appId, credential.type);
  const data = {
    ...(change.isDefault && { isDefault: true }),
    ...(change.content && {
      sealed: sealSecret(keyring, id, JSON.stringify(change.content)),
      version: { increment: 1 },
      fromEnvironment: false,
    }),
    updatedAt: new Date(),
  };
  return tx.credential.update({ where: { id }, data, select: withApp });
}

/** Deletes a credential, in a transaction; the newest other one of its type becomes the default if it was. `false`: there is none. */
export async function deleteCredential(tx: Tx, accountId: string, id: string): Promise<boolean> {
  await lockAccount(tx, accountId);
  const credential = await tx.credential.findUnique({ where: { id, accountId } });
  if (!credential) return false;
  await tx.credential.delete({ where: { id } });
  const { appId, type } = credential;
  const heir = credential.isDefault
    ? await tx.credential.findFirst({ where: { appId, type }, orderBy: { id: "desc" } })
    : null;
  if (heir) await tx.credential.update({ where: { id: heir.id }, data: { isDefault: true } });
  return true;
}

/**
 * A credential with its secrets; `undefined` when it does not exist any more.
 *
 * @throws UnusableCredentialError when it can not be unsealed, or is not of its type's form.
 */
export async function loadCredential(
  db: Db,
  keyring: Keyring,
  id: string,
): Promise<(CredentialRef & CredentialContent) | undefined> {
  const row = await db.credential.findUnique({ where: { id }, select: { version: true, type: true, sealed: true } });
  if (!row) return undefined;
  const parsed = storedContentSchemaOf(row.type).safeParse(unseal(keyring, id, row.sealed));
  if (!parsed.success) throw malformed(parsed.error.issues.map(({ path: [field] }) => String(field ?? "all of it")));
  return { id, ...row, content: parsed.data } as CredentialRef & CredentialContent;
}

/** No error of the cipher's or of the parser's goes on: it may quote what was unsealed. */
function unseal(keyring: Keyring, id: string, sealed: unknown): unknown {
  let text: string;
  try {
    text = openSecret(keyring, id, sealed);
  } catch (error) {
    const isOtherKey = error instanceof UnknownMasterKeyError;
    const why = isOtherKey
      ? "It was stored under a master key that the worker does not have."
      : "What is stored of it can not be unsealed.";
    throw new UnusableCredentialError("CREDENTIAL_UNREADABLE", why);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UnusableCredentialError("CREDENTIAL_UNREADABLE", "What is stored of it is not JSON.");
  }
}

// What its key is worth is for who signs with it to say.
function malformed(fields: readonly string[]): UnusableCredentialError {
  const named = [...new Set(fields)].join(", ");
  return new UnusableCredentialError("CREDENTIAL_UNREADABLE", `What is stored of it is not of its form: ${named}.`);
}

/** The credentials that were taken over from the settings, by type, with their secrets. */
export async function findEnvironmentCredentials(
  db: Db,
  keyring: Keyring,
  accountId: string,
): Promise<{ id: string; type: CredentialType; content: string }[]> {
  const rows = await db.credential.findMany({ where: { accountId, fromEnvironment: true } });
  return rows.map(({ id, type, sealed }) => ({ id, type, content: openSecret(keyring, id, sealed) }));
}

/** Changes the content of a credential that was taken over from the settings. */
export async function replaceEnvironmentCredential(
  tx: Tx,
  keyring: Keyring,
  id: string,
  content: CredentialContent["content"],
): Promise<void> {
  const sealed = sealSecret(keyring, id, JSON.stringify(content));
  await tx.credential.update({
    where: { id },
    data: { sealed, version: { increment: 1 }, updatedAt: new Date() },
  });
}

/** Puts every credential under the current master key. Returns how many there are, and how many it changed. */
export async function resealCredentials(db: Db, keyring: Keyring): Promise<{ total: number; changed: number }> {
  let total = 0;
  let changed = 0;
  for (let after: string | undefined; ; ) {
    const page = await db.credential.findMany({
      where: after === undefined ? {} : { id: { gt: after } },
      select: { id: true, sealed: true },
      orderBy: { id: "asc" },
      take: 100,
    });
    if (page.length === 0) return { total, changed };
    for (const { id, sealed } of page) {
      const resealed = resealSecret(keyring, id, sealed);
      total++;
      if (!resealed) continue;
      // Content that was changed meanwhile is under the current key already, and must not be undone.
      const { count } = await db.credential.updateMany({
        where: { id, sealed: { equals: sealed as Prisma.InputJsonValue } },
        data: { sealed: resealed },
      });
      changed += count;
    }
    after = page.at(-1)?.id;
  }
}

/** Asks for a credential to be verified by a worker. Returns the id of the check. */
export async function createCredentialCheck(db: Db, credentialId: string): Promise<string> {
  const { id } = await db.credentialCheck.create({ data: { id: mintRowId(), credentialId } });
  return id;
}

/** Which credential a check is of; `undefined` when it is gone. */
export async function findCheckedCredential(db: Db, checkId: string): Promise<string | undefined> {
  const row = await db.credentialCheck.findUnique({ where: { id: checkId }, select: { credentialId: true } });
  return row?.credentialId;
}

/** Keeps what a check came to. */
export async function recordCredentialCheck(db: Db, checkId: string, result: Verification): Promise<void> {
  await db.credentialCheck.updateMany({ where: { id: checkId }, data: { result } });
}

/** What a check came to; `undefined` while no worker has made it. */
export async function findCredentialCheck(db: Db, checkId: string): Promise<Verification | undefined> {
  const row = await db.credentialCheck.findUnique({ where: { id: checkId }, select: { result: true } });
  return row?.result ? verificationSchema.parse(row.result) : undefined;
}
