import { type Db, findAppName, type StoredAttempt, type StoredNotification, type StoredOperation } from "@fanfare/db";
import {
  type AttemptResource,
  attemptSchema,
  formatAttemptId,
  formatId,
  type NotificationDetails,
  type NotificationResource,
  notificationUuid,
  perProviderField,
  personalMessage,
  ulidOf,
} from "@fanfare/domain";
import { z } from "zod";
import { paginationSchema } from "../paging.js";

/** A page of attempts. */
export const attemptsPageSchema = z.object({
  attempts: z
    .array(attemptSchema.meta({ id: "Attempt" }))
    .meta({ description: "Attempts, in the order of the request's recipients and of their making." }),
  pagination: paginationSchema,
});

/** A notification as lists show it. */
export function toNotificationResource(
  operation: StoredOperation,
  notification: StoredNotification,
): NotificationResource {
  const { ordinal, addresses, userId, status, rendered, updatedAt } = notification;
  const owner = userId === null ? {} : { userId: formatId("pushnotificationuser", userId) };
  const to = addresses.map(({ token, provider }) => ({ token, provider, ...owner }));
  return {
    id: formatId("notification", notificationUuid(operation.id, ordinal)),
    // Devices of a user are known once they are looked up.
    to: to.length === 0 && userId !== null ? [owner] : to,
    status,
    related: [
      {
        name: "operation",
        id: formatId("operation", operation.id),
        uri: `/PushNotifications/Operations/${ulidOf(operation.id)}`,
      },
    ],
    tags: rendered?.tags ?? operation.tags,
    createdAt: operation.createdAt.toISOString(),
    updatedAt: (updatedAt ?? operation.createdAt).toISOString(),
    deletedAt: null,
  };
}

/** A notification as a single fetch shows it. */
export async function toNotificationDetails(
  db: Db,
  operation: StoredOperation,
  notification: StoredNotification,
): Promise<NotificationDetails> {
  const { attempts, errorCode, errorDetail, rendered } = notification;
  const { content, priority, sound } = personalMessage(operation.message, rendered ?? undefined);
  const { appId, credentials } = operation;
  return {
    ...toNotificationResource(operation, notification),
    from: {
      appName: appId === null ? null : ((await findAppName(db, appId)) ?? null),
      ...perProviderField((provider) => formatCredential(credentials[provider])),
    },
    content,
    priority,
    sound,
    attempts,
    lastError: errorCode === null ? null : { code: errorCode, detail: errorDetail },
  };
}

const formatCredential = (uuid: string | null) => (uuid === null ? null : formatId("credential", uuid));

/** An attempt as the API shows it. */
export function toAttemptResource(attempt: StoredAttempt): AttemptResource {
  const uuid = notificationUuid(attempt.operationId, attempt.ordinal);
  return {
    id: formatAttemptId(uuid, attempt.number),
    notificationId: formatId("notification", uuid),
    provider: attempt.provider,
    token: attempt.token,
    attemptNumber: attempt.number,
    mayRepeat: attempt.mayRepeat,
    outcome: attempt.outcome,
    blame: attempt.blame,
    httpStatus: attempt.httpStatus,
    providerCode: attempt.providerCode,
    providerMessageId: attempt.providerMessageId,
    detail: attempt.detail,
    startedAt: attempt.startedAt.toISOString(),
    latencyMs: attempt.latencyMs,
    nextAttemptAt: attempt.nextAttemptAt?.toISOString() ?? null,
  };
}
