import { findOperation, listNotifications, type StoredNotification, type StoredOperation } from "@fanfare/db";
import { AppError, parseId, splitNotificationUuid } from "@fanfare/domain";
import type { ApiContext } from "./context.js";

/** The operation of an id in a path. @throws AppError 404 for a malformed or unknown id, and for another account's. */
export async function requireOperation({ db, account }: ApiContext, id: string): Promise<StoredOperation> {
  const uuid = parseId("operation", id);
  const operation = uuid && (await findOperation(db, account.uuid, uuid));
  if (!operation) throw new AppError("not-found", `There is no operation ${id}.`);
  return operation;
}

/** The notification of an id in a path, and its operation. @throws AppError 404, as {@link requireOperation}. */
export async function requireNotification(
  { db, account }: ApiContext,
  id: string,
): Promise<{ operation: StoredOperation; notification: StoredNotification }> {
  const uuid = parseId("notification", id);
  if (uuid) {
    const { operationUuid, ordinal } = splitNotificationUuid(uuid);
    const operation = await findOperation(db, account.uuid, operationUuid);
    const [notification] = operation
      ? await listNotifications(db, operationUuid, { first: ordinal, last: ordinal })
      : [];
    if (operation && notification) return { operation, notification };
  }
  throw new AppError("not-found", `There is no notification ${id}.`);
}
