import { mintRowId, parseId } from "@fanfare/domain";
import { addCredentials, aSend, ofAccount, type RunningApi } from "./support.js";

const path = "/v1/PushNotifications";

/** One of everything that an account can have. */
export async function makeOneOfEach(api: RunningApi, as = api.account) {
  const app = `app_${as.user.slice(-6)}`;
  const credentials = await addCredentials(api, as, app);
  const post = async (to: string, body: object) => (await api.call("POST", to, { as, body })).body;
  const device = { provider: "FCM", token: `device-of-${as.user}` };
  const registered = await post(`${path}/DeviceRegistrations`, { appName: app, devices: [device] });
  const { operationId } = await post(path, aSend({ to: [device], tags: { owner: as.user } }));
  const list = await api.call("GET", `${path}?operationId=${operationId}`, { as });
  const key = await post(ofAccount(as, "/Keys"), { name: "k", scopes: ["read"] });
  await api.db.$executeRaw`
    insert into invalid_tokens (id, account_id, app_id, credential_id, credential_version, provider, token_key, token,
      code, final, invalidated_at)
    select ${mintRowId()}::uuid, account_id, app_id, id, 1, 'FCM', id, ${`dead-${device.token}`}, 'X', true, now()
    from credentials where id = ${parseId("credential", credentials.fcm)}::uuid`;
  return {
    app,
    operationId: operationId as string,
    notificationId: list.body.notifications[0].id as string,
    credentialId: credentials.fcm,
    userId: registered.userId as string,
    registrationId: registered.deviceRegistrations[0].id as string,
    apiKeyId: key.id as string,
  };
}
