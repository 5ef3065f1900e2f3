import {
  CREDENTIAL_PROVIDERS,
  type CredentialType,
  mintRowId,
  type OnUnknown,
  type PerProvider,
  PROVIDER_TRAITS,
  type Provider,
  perProvider,
} from "@fanfare/domain";
import { lockAccount } from "./accounts.js";
import type { Db, Tx } from "./connect.js";
import type { Prisma } from "./generated/prisma/client.js";
import { type IdPage, olderThan } from "./id-page.js";
import type { OperationSender } from "./operation-senders.js";

const withDefaults = {
  credentials: { where: { isDefault: true }, select: { id: true, type: true }, orderBy: { type: "asc" } },
} as const satisfies Prisma.AppInclude;

/** An app as stored, with the credentials that are the default of their type. */
export type StoredApp = Prisma.AppGetPayload<{ include: typeof withDefaults }>;

/** The apps of an account, newest first. */
export async function listApps(db: Db, accountId: string, { before, limit }: IdPage): Promise<StoredApp[]> {
  const where = { accountId, ...olderThan(before) };
  return db.app.findMany({ where, include: withDefaults, orderBy: { id: "desc" }, take: limit });
}

/** The app of a name. */
export async function findApp(db: Db, accountId: string, name: string): Promise<StoredApp | undefined> {
  const where = { accountId_name: { accountId, name } };
  return (await db.app.findUnique({ where, include: withDefaults })) ?? undefined;
}

/** The name of an app. */
export async function findAppName(db: Db, id: string): Promise<string | undefined> {
  return (await db.app.findUnique({ where: { id }, select: { name: true } }))?.name;
}

/** Changes an app, in a transaction; making one the default takes that from the other. `undefined` when there is no such app. */
export async function updateApp(
  tx: Tx,
  accountId: string,
  name: string,
  change: { isDefault?: true | undefined; onUnknown?: OnUnknown | undefined },
): Promise<StoredApp | undefined> {
  await lockAccount(tx, accountId);
  const app = await tx.app.findUnique({ where: { accountId_name: { accountId, name } } });
  if (!app) return undefined;
  if (change.isDefault) await tx.app.updateMany({ where: { accountId, isDefault: true }, data: { isDefault: false } });
  const data = {
    ...(change.isDefault && { isDefault: true }),
    ...(change.onUnknown && { onUnknown: change.onUnknown === "fail" ? ("FAIL" as const) : ("RESEND" as const) }),
    updatedAt: new Date(),
  };
  return tx.app.update({ where: { id: app.id }, data, include: withDefaults });
}

/** The app of a name, made when there is none: the first one of an account is its default. */
export async function ensureApp(tx: Tx, accountId: string, name: string): Promise<{ id: string; created: boolean }> {
  const known = await tx.app.findUnique({ where: { accountId_name: { accountId, name } }, select: { id: true } });
  if (known) return { ...known, created: false };
  const isDefault = (await tx.app.count({ where: { accountId, isDefault: true } })) === 0;
  const { id } = await tx.app.create({ data: { id: mintRowId(), accountId, name, isDefault } });
  return { id, created: true };
}

/** The app and the credentials that a send goes out with. */
export interface Sender extends OperationSender {
  appId: string;
  appName: string;
}

interface SenderRow {
  appId: string;
  appName: string;
  id: string | null;
  type: CredentialType | null;
}

/** The default app of an account, or the one of a name, with its default credentials: APNs's production one first. */
export async function findSender(db: Db, accountId: string, appName: string | undefined): Promise<Sender | undefined> {
  const rows = await db.$queryRaw<SenderRow[]>`
    select a.id::text as "appId", a.name as "appName", c.id::text, c.type
    from apps a left join credentials c on c.app_id = a.id and c.is_default
    where a.account_id = ${accountId}::uuid and (a.name = ${appName ?? null} or (${appName ?? null}::text is null and a.is_default))
    order by c.type`;
  return toSender(rows);
}

/**
 * The credentials of an account by their ids, and their app.
 * @returns `undefined` when one is unknown or for another provider, or when they are of different apps.
 */
export async function findSenderByCredentials(
  db: Db,
  accountId: string,
  ids: Readonly<Partial<PerProvider<string>>>,
): Promise<Sender | undefined> {
  const wanted = Object.entries(ids) as [Provider, string][];
  const rows = await db.$queryRaw<SenderRow[]>`
    select a.id::text as "appId", a.name as "appName", c.id::text, c.type
    from credentials c join apps a on a.id = c.app_id
    where c.account_id = ${accountId}::uuid
      and c.id in (select value::uuid from json_array_elements_text(${JSON.stringify(wanted.map(([, id]) => id))}::json))`;
  const fits = wanted.every(([provider, id]) =>
    rows.some((row) => row.id === id && row.type !== null && CREDENTIAL_PROVIDERS[row.type] === provider),
  );
  const oneApp = new Set(rows.map(({ appId }) => appId)).size === 1;
  return fits && oneApp ? toSender(rows) : undefined;
}

function toSender(rows: readonly SenderRow[]): Sender | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const idOf = (type: CredentialType) => rows.find((row) => row.type === type)?.id ?? null;
  const credentials = perProvider(
    (provider) => PROVIDER_TRAITS[provider].credentialTypes.map(idOf).find((id) => id !== null) ?? null,
  );
  const { appId, appName } = first;
  return { appId, appName, credentials };
}
