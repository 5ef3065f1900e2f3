import {
  createCredential,
  type Db,
  findEnvironmentCredentials,
  type Keyring,
  listCredentials,
  recordAuditEvent,
  replaceEnvironmentCredential,
  type Tx,
} from "@fanfare/db";
import { type AuditAction, formatId } from "@fanfare/domain";
import { BY_ENVIRONMENT } from "./audit.js";
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
      if (!changed) continue;
      await db.$transaction(async (tx) => {
        await replaceEnvironmentCredential(tx, keyring, mine.id, credential.content);
        await note(tx, accountId, "credential.updated", mine.id);
      });
    } else if (isFirstStart) {
      const limits = { appsPerAccount: 1, credentialsPerApp: wanted.length };
      const made = { ...credential, appName: APP_NAME, fromEnvironment: true };
      await db.$transaction(async (tx) => {
        const created = await createCredential(tx, keyring, accountId, made, limits);
        if (created.kind === "created") await note(tx, accountId, "credential.created", created.credential.id);
      });
    }
  }
}

const note = (tx: Tx, accountId: string, action: AuditAction, credentialId: string) =>
  recordAuditEvent(tx, { ...BY_ENVIRONMENT, accountId, action, target: formatId("credential", credentialId) });
