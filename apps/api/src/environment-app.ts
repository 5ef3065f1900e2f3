import {
  createCredential,
  type Db,
  findEnvironmentCredentials,
  type Keyring,
  listCredentials,
  replaceEnvironmentCredential,
} from "@fanfare/db";
import { environmentCredentials, type ProviderKeySettings } from "./provider-key-settings.js";

/** The app that the settings' provider keys become. */
const APP_NAME = "default";

/**
 * Takes the provider keys of the settings over, as credentials of the app `default`: at first start, that is while the
 * account has no credential at all. Later they follow the settings as long as nobody changed them over the API. One that an older
 * release stored in another form than the canonical one is replaced once.
 */
export async function ensureEnvironmentApp(
  db: Db,
  keyring: Keyring,
  accountId: string,
  settings: ProviderKeySettings,
): Promise<void> {
  const wanted = environmentCredentials(settings);
  if (wanted.length === 0) return;
  const known = await findEnvironmentCredentials(db, keyring, accountId);
  const isFirstStart = (await listCredentials(db, accountId, { limit: 1 })).length === 0;
  for (const credential of wanted) {
    const mine = known.find(({ type }) => type === credential.type);
    if (mine) {
      const changed = mine.content !== JSON.stringify(credential.content);
      if (changed) await replaceEnvironmentCredential(db, keyring, mine.id, credential.content);
    } else if (isFirstStart) {
      const limits = { appsPerAccount: 1, credentialsPerApp: wanted.length };
      await createCredential(
        db,
        keyring,
        accountId,
        { ...credential, appName: APP_NAME, fromEnvironment: true },
        limits,
      );
    }
  }
}
