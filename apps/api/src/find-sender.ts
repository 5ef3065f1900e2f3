import { type Db, findSender, findSenderByCredentials, type Sender } from "@fanfare/db";
import { AppError, type SendRequest } from "@fanfare/domain";

/** The app and credentials that a request names, or the default ones. @throws AppError 422 when there are none. */
export async function findSenderOf(db: Db, accountId: string, from: SendRequest["from"]): Promise<Sender> {
  const { appName, fcm, apn } = from ?? {};
  if (fcm !== undefined || apn !== undefined) {
    const ids = { ...(fcm !== undefined && { FCM: fcm }), ...(apn !== undefined && { APN: apn }) };
    const sender = await findSenderByCredentials(db, accountId, ids);
    if (sender) return sender;
    const detail = "There is no such credential for that provider, or the two belong to different apps";
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

/** The error for a field that names what does not exist. */
export const unknown = (code: "unknown-app" | "unknown-user", pointer: string, what: string): AppError =>
  new AppError(code, `${what}; nothing was stored.`, { errors: [{ pointer, code, detail: `${what}.` }] });
