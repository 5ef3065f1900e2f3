import type { Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";

/** A device registered for a user. */
export interface UserDevice {
  userId: string;
  provider: Provider;
  token: string;
  tokenKey: string;
}

/** Devices of one user that a send goes to at most. */
const DEVICES_PER_USER_MAX = 100;

/** The devices of users in an app, or in the account's default app when `appId` is null; newest registration first. */
export async function findDevicesOfUsers(
  db: Db,
  { operationId, appId }: { operationId: string; appId: string | null },
  userIds: readonly string[],
): Promise<Map<string, UserDevice[]>> {
  const rows = await db.$queryRaw<UserDevice[]>`
    with app as (
      select coalesce(${appId}::uuid, (
        select a.id from apps a join operations o on o.account_id = a.account_id
        where o.id = ${operationId}::uuid and a.is_default
      )) as id
    )
    select d.user_id::text as "userId", d.provider, d.token, d.token_key::text as "tokenKey"
    from json_array_elements_text(${JSON.stringify(userIds)}::json) as u(id)
    cross join app
    cross join lateral (
      select * from device_registrations r where r.user_id = u.id::uuid and r.app_id = app.id
      order by r.id desc limit ${DEVICES_PER_USER_MAX}
    ) d`;
  const devices = new Map<string, UserDevice[]>();
  for (const row of rows) {
    const known = devices.get(row.userId);
    if (known) known.push(row);
    else devices.set(row.userId, [row]);
  }
  return devices;
}
