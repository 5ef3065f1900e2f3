import {
  createCredential,
  type Db,
  findEnvironmentCredentials,
  type Keyring,
  listCredentials,
  replaceEnvironmentCredential,
} from "@fanfare/db";
import { AppError, type CredentialContent } from "@fanfare/domain";
import { readFileOrValue } from "@fanfare/runtime";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { parseCredentialContent } from "./credential-content.js";

type Settings = Pick<
  z.infer<typeof configSchema>,
  "FCM_SERVICE_ACCOUNT" | "APNS_KEY" | "APNS_KEY_ID" | "APNS_TEAM_ID" | "APNS_TOPIC" | "APNS_ENVIRONMENT"
>;

/** The app that the settings' provider keys become. */
const APP_NAME = "default";

/**
 * Takes the provider keys of the settings over, as credentials of the app `default`: at first start, that is while the
 * account has no credential at all. Later they follow the settings as long as nobody changed them over the API.
 *
 * @throws Error that names the setting that is not valid, never its value.
 */
export async function ensureEnvironmentApp(
  db: Db,
  keyring: Keyring,
  accountId: string,
  settings: Settings,
): Promise<void> {
  const wanted = readEnvironmentCredentials(settings);
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

function readEnvironmentCredentials(settings: Settings): CredentialContent[] {
  const { FCM_SERVICE_ACCOUNT, APNS_KEY, APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, APNS_ENVIRONMENT } = settings;
  const credentials: CredentialContent[] = [];
  if (FCM_SERVICE_ACCOUNT !== undefined) {
    const json = readFileOrValue(FCM_SERVICE_ACCOUNT, (value) => value.trimStart().startsWith("{"));
    credentials.push(parse("FCM_SERVICE_ACCOUNT", "FCM", Buffer.from(json).toString("base64")));
  }
  if (APNS_KEY !== undefined) {
    const key = readFileOrValue(APNS_KEY, (value) => value.includes("-----BEGIN"));
    const type = APNS_ENVIRONMENT === "sandbox" ? "APN_SANDBOX" : "APN";
    const content = { key, keyId: APNS_KEY_ID, teamId: APNS_TEAM_ID, bundleId: APNS_TOPIC };
    credentials.push(parse("APNS_KEY, APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC", type, content));
  }
  return credentials;
}

function parse(settings: string, type: CredentialContent["type"], content: unknown): CredentialContent {
  try {
    return parseCredentialContent(type, content);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const problems = error.errors.map(({ pointer, detail }) => `${pointer.replace("/content/", "")} ${detail}`);
    throw new Error(`${settings}: ${problems.join("; ")}`, { cause: error });
  }
}
