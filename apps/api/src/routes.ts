import type { RequestHandler } from "express";
import type { ApiContext } from "./context.js";
import { fetchNotification } from "./routes/fetch-notification.js";
import { fetchOperation } from "./routes/fetch-operation.js";
import { listNotificationAttempts } from "./routes/list-attempts.js";
import { listOperationNotifications } from "./routes/list-notifications.js";
import { sendNotifications } from "./routes/send-notifications.js";

interface Route {
  method: "get" | "post";
  path: string;
  // Each handler knows the parameters of its own path.
  handler: (context: ApiContext) => RequestHandler<never>;
}

/** Every authenticated route. Where two paths match, the first one is taken. */
export const ROUTES: readonly Route[] = [
  { method: "post", path: "/v1/PushNotifications", handler: sendNotifications },
  { method: "get", path: "/v1/PushNotifications", handler: listOperationNotifications },
  { method: "get", path: "/v1/PushNotifications/Operations/:operationId", handler: fetchOperation },
  { method: "get", path: "/v1/PushNotifications/:notificationId", handler: fetchNotification },
  { method: "get", path: "/v1/PushNotifications/:notificationId/Attempts", handler: listNotificationAttempts },
];
