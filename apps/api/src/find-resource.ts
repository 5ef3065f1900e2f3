import { type Db, findOperation, listNotifications, type StoredNotification, type StoredOperation } from "@fanfare/db";
import { AppError, type IdKind, parseId, shownId, splitNotificationUuid } from "@fanfare/domain";
import type { Request } from "express";
import { z } from "zod";
import type { ActingAccount } from "./caller.js";
import { nothingAt } from "./nothing-at.js";

/** Path parameters that are ids, and of what. */
const ID_PARAMS = {
  operationId: "operation",
  notificationId: "notification",
  credentialId: "credential",
  registrationId: "device_registration",
  userId: "pushnotificationuser",
} as const satisfies Record<string, IdKind>;

/** Path parameters that are ids, as the document shows them. */
export function idParams<Name extends keyof typeof ID_PARAMS>(
  ...names: Name[]
): z.ZodObject<Record<Name, z.ZodString>> {
  const fields = names.map((name) => [name, idParam(ID_PARAMS[name])]);
  return z.object(Object.fromEntries(fields) as Record<Name, z.ZodString>);
}

function idParam(kind: IdKind): z.ZodString {
  const description = `Id of the ${kind === "pushnotificationuser" ? "user" : kind.replace("_", " ")}; the ULID that it ends with does as well.`;
  return shownId(kind, description).min(1).max(128);
}

/** The UUID of an id in a path. @throws AppError 404 for what can not be the id of anything. */
export function requireUuid(kind: IdKind, id: string, req: Request): string {
  const uuid = parseId(kind, id);
  if (!uuid) throw nothingAt(req);
  return uuid;
}

/** What a resource that is not there is answered with. */
export function notFound(what: string, id: string): AppError {
  return new AppError("not-found", `There is no ${what} ${id}.`);
}

/** The operation of an id in a path. @throws AppError 404 for a malformed or unknown id, and for another account's. */
export async function requireOperation(
  db: Db,
  account: ActingAccount,
  id: string,
  req: Request,
): Promise<StoredOperation> {
  const operation = await findOperation(db, account.id, requireUuid("operation", id, req));
  if (!operation) throw notFound("operation", id);
  return operation;
}

/** The notification of an id in a path, and its operation. @throws AppError 404, as {@link requireOperation}. */
export async function requireNotification(
  db: Db,
  account: ActingAccount,
  id: string,
  req: Request,
): Promise<{ operation: StoredOperation; notification: StoredNotification }> {
  const { operationUuid, ordinal } = splitNotificationUuid(requireUuid("notification", id, req));
  const operation = await findOperation(db, account.id, operationUuid);
  const [notification] = operation ? await listNotifications(db, operationUuid, { first: ordinal, last: ordinal }) : [];
  if (!operation || !notification) throw notFound("notification", id);
  return { operation, notification };
}
