import type { RequestHandler } from "express";
import type { ApiContext } from "../context.js";
import { requireNotification } from "../find-resource.js";
import { toNotificationDetails } from "../notification-resource.js";

/** `GET /v1/PushNotifications/{notificationId}` */
export function fetchNotification(context: ApiContext): RequestHandler<{ notificationId: string }> {
  return async (req, res) => {
    const { operation, notification } = await requireNotification(context, req.params.notificationId);
    res.json(toNotificationDetails(operation, notification));
  };
}
