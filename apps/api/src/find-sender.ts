import { type Db, findSender, findSenderByCredentials, type Sender } from "@fanfare/db";
import { AppError, type PerProvider, PROVIDER_TRAITS, PROVIDERS, type SendRequest } from "@fanfare/domain";

/** The app and credentials that a request names, or the default ones. @throws AppError 422 when there are none. */
export async function findSenderOf(db: Db, accountId: string, from: SendRequest["from"]): Promise<Sender> {
  const { appName, ...named } = from ?? {};
  const ids = credentialsIn(named);
  if (Object.keys(ids).length > 0) {
    const sender = await findSenderByCredentials(db, accountId, ids);
    if (sender) return sender;
    const detail = "There is no such credential for that provider, or they belong to different apps";
    throw new AppError("unknown-credential", `${detail}; nothing was stored.`, {
      errors: Object.keys(from ?? {}).map((field) => ({
        pointer: `/from/${field}`,
        code: "unknown-credential",
        detail: `${detail}.`,
      })),
    });
  }
  const sender = await findSender(db, accountId, appName);
  if (sender) return sender;
  if (appName === undefined) {
    throw new AppError(
      "unknown-app",
      "The account has no app yet; nothing was stored. Add a credential, or name an app in from.",
    );
  }
  throw unknown("unknown-app", "/from/appName", `There is no app ${appName}`);
}

/** The ids of credentials, by what they are for. */
function credentialsIn(named: Omit<NonNullable<SendRequest["from"]>, "appName">): Partial<PerProvider<string>> {
  const pairs = PROVIDERS.map((provider) => [provider, named[PROVIDER_TRAITS[provider].field]]);
  return Object.fromEntries(pairs.filter(([, id]) => id !== undefined));
}

/** The error for a field that names what does not exist. */
export const unknown = (code: "unknown-app" | "unknown-user", pointer: string, what: string): AppError =>
  new AppError(code, `${what}; nothing was stored.`, { errors: [{ pointer, code, detail: `${what}.` }] });
