import type { StoredNotification, StoredOperation } from "@fanfare/db";
import {
  formatId,
  type NotificationDetails,
  type NotificationResource,
  notificationUuid,
  ulidOf,
} from "@fanfare/domain";

/** A notification as lists show it. */
export function toNotificationResource(
  operation: StoredOperation,
  notification: StoredNotification,
): NotificationResource {
  return {
    id: formatId("notification", notificationUuid(operation.id, notification.ordinal)),
    to: [{ token: notification.token, provider: notification.provider }],
    status: notification.status,
    related: [
      {
        name: "operation",
        id: formatId("operation", operation.id),
        uri: `/PushNotifications/Operations/${ulidOf(operation.id)}`,
      },
    ],
    tags: operation.tags,
    createdAt: operation.createdAt.toISOString(),
    updatedAt: (notification.updatedAt ?? operation.createdAt).toISOString(),
    deletedAt: null,
  };
}

/** A notification as a single fetch shows it. */
export function toNotificationDetails(
  operation: StoredOperation,
  notification: StoredNotification,
): NotificationDetails {
  const { content, priority, sound } = operation.message;
  const { attempts, errorCode, errorDetail } = notification;
  return {
    ...toNotificationResource(operation, notification),
    from: null,
    content,
    priority,
    sound,
    attempts,
    lastError: errorCode === null ? null : { code: errorCode, detail: errorDetail },
  };
}
