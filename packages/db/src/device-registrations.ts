import { type Address, mintRowId, type Provider, tokenKey } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { type IdPage, olderThan } from "./id-page.js";

/** A device registration as stored. */
export interface StoredDeviceRegistration {
  id: string;
  appName: string;
  userId: string;
  provider: Provider;
  token: string;
  createdAt: Date;
  registeredAt: Date;
}

/** A user as stored. */
export interface StoredUser {
  id: string;
  createdAt: Date;
  devices: number;
}

/** What became of a registration. */
export type RegisterResult =
  | { kind: "registered"; userId: string; registrations: StoredDeviceRegistration[] }
  | { kind: "unknown-app" }
  | { kind: "unknown-user" };

/**
 * Registers devices for a user of an app; without a user one is made. A token belongs to one user per app: registered
 * again it moves to this one, and one that was declared dead is alive again.
 */
export async function registerDevices(
  db: Db,
  accountId: string,
  { appName, userId, devices }: { appName: string; userId?: string | undefined; devices: readonly Address[] },
): Promise<RegisterResult> {
  return db.$transaction(async (tx) => {
    const app = await tx.app.findUnique({ where: { accountId_name: { accountId, name: appName } } });
    if (!app) return { kind: "unknown-app" };
    // Locked, so that it is not deleted before its devices are there.
    const [known] = userId
      ? await tx.$queryRaw<object[]>`
          select from users where id = ${userId}::uuid and account_id = ${accountId}::uuid for key share`
      : [];
    if (userId && !known) return { kind: "unknown-user" };
    const owner = userId ?? (await tx.user.create({ data: { id: mintRowId(), accountId } })).id;
    // In the order of their keys: two requests for the same tokens do not wait for one another in a circle.
    const rows = uniqueByKey(devices).map(({ provider, token, key }) => ({
      id: mintRowId(),
      provider,
      token,
      token_key: key,
    }));
    const input = JSON.stringify(rows);
    await tx.$executeRaw`
      insert into device_registrations (id, account_id, app_id, user_id, provider, token_key, token)
      select d.id, ${accountId}::uuid, ${app.id}::uuid, ${owner}::uuid, d.provider, d.token_key, d.token
      from json_to_recordset(${input}::json) as d(id uuid, provider provider, token_key uuid, token text)
      order by d.provider, d.token_key
      on conflict (app_id, provider, token_key) do update set user_id = excluded.user_id, registered_at = now()`;
    await tx.$executeRaw`
      delete from invalid_tokens t
      using json_to_recordset(${input}::json) as d(provider provider, token_key uuid)
      where t.app_id = ${app.id}::uuid and t.provider = d.provider and t.token_key = d.token_key`;
    const keys = rows.map((row) => row.token_key);
    const stored = await tx.deviceRegistration.findMany({
      where: { appId: app.id, userId: owner, tokenKey: { in: keys } },
      include: { app: { select: { name: true } } },
      orderBy: { id: "asc" },
    });
    return { kind: "registered", userId: owner, registrations: stored.map(toStored) };
  });
}

function uniqueByKey(devices: readonly Address[]) {
  const keyed = devices.map((device) => ({ ...device, key: tokenKey(device.token) }));
  return [...new Map(keyed.map((device) => [`${device.provider} ${device.key}`, device])).values()];
}

const toStored = ({ app, ...row }: Omit<StoredDeviceRegistration, "appName"> & { app: { name: string } }) => ({
  ...row,
  appName: app.name,
});

const withApp = { app: { select: { name: true } } } as const;

/** Which registrations are listed. */
export interface RegistrationFilter {
  userId?: string | undefined;
  appName?: string | undefined;
}

/** The registrations of an account, newest first. */
export async function listDeviceRegistrations(
  db: Db,
  accountId: string,
  { userId, appName }: RegistrationFilter,
  { before, limit }: IdPage,
): Promise<StoredDeviceRegistration[]> {
  const app =
    appName === undefined
      ? undefined
      : await db.app.findUnique({ where: { accountId_name: { accountId, name: appName } } });
  if (appName !== undefined && !app) return [];
  const rows = await db.deviceRegistration.findMany({
    where: {
      accountId,
      ...(userId !== undefined && { userId }),
      ...(app && { appId: app.id }),
      ...olderThan(before),
    },
    include: withApp,
    orderBy: { id: "desc" },
    take: limit,
  });
  return rows.map(toStored);
}

/** The registration of an id. */
export async function findDeviceRegistration(
  db: Db,
  accountId: string,
  id: string,
): Promise<StoredDeviceRegistration | undefined> {
  const row = await db.deviceRegistration.findUnique({ where: { id, accountId }, include: withApp });
  return row ? toStored(row) : undefined;
}

/** Forgets a registration; `false` when there is none. */
export async function deleteDeviceRegistration(db: Db, accountId: string, id: string): Promise<boolean> {
  return (await db.deviceRegistration.deleteMany({ where: { id, accountId } })).count > 0;
}

/** The users of an account, newest first. */
export async function listUsers(db: Db, accountId: string, { before, limit }: IdPage): Promise<StoredUser[]> {
  const where = { accountId, ...olderThan(before) };
  return withDevices(db, await db.user.findMany({ where, orderBy: { id: "desc" }, take: limit }));
}

/** The user of an id. */
export async function findUser(db: Db, accountId: string, id: string): Promise<StoredUser | undefined> {
  const row = await db.user.findUnique({ where: { id, accountId } });
  return row ? (await withDevices(db, [row]))[0] : undefined;
}

// Counted for these users alone: Prisma's `_count` groups the whole table first.
async function withDevices(db: Db, users: readonly { id: string; createdAt: Date }[]): Promise<StoredUser[]> {
  const userIds = users.map(({ id }) => id);
  const groups = await db.deviceRegistration.groupBy({
    by: ["userId"],
    where: { userId: { in: userIds } },
    _count: true,
  });
  const devices = new Map(groups.map(({ userId, _count }) => [userId, _count]));
  return users.map(({ id, createdAt }) => ({ id, createdAt, devices: devices.get(id) ?? 0 }));
}

/** Forgets a user and the devices; `false` when there is none. */
export async function deleteUser(db: Db, accountId: string, id: string): Promise<boolean> {
  return (await db.user.deleteMany({ where: { id, accountId } })).count > 0;
}

/** Those of some user ids that an account does not have. */
export async function findUnknownUsers(db: Db, accountId: string, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select value as id from json_array_elements_text(${JSON.stringify(ids)}::json)
    where not exists (select from users u where u.id = value::uuid and u.account_id = ${accountId}::uuid)`;
  return new Set(rows.map(({ id }) => id));
}
