import type { DeliverableOperation, PushRequest } from "@fanfare/delivery";
import { type DeliveryLine, isSilent, notificationUlids, notificationUuid, type PushMessage } from "@fanfare/domain";
import apn from "apn";

/** Bytes of a payload: Apple, "Generating a remote notification". */
export const APNS_PAYLOAD_MAX_BYTES = 4_096;

/** Builds the requests of one operation; what its notifications share is built once. */
export interface ApnsRequestBuilder {
  payload: Buffer;
  build(line: DeliveryLine, authorization: string): { request: PushRequest; apnsId: string };
}

/**
 * Prepares the requests of an operation (Apple, "Sending notification requests to APNs"). The notification's id is its
 * `apns-id`, so that a request that is sent again carries the same one, and its ULID is its collapse id unless the
 * sender gave one, so that the device shows it once.
 */
export function prepareApnsRequest(operation: DeliverableOperation, topic: string): ApnsRequestBuilder {
  const { id, message, createdAt } = operation;
  const silent = isSilent(message.content);
  const payload = Buffer.from(JSON.stringify(buildNotification(message)));
  const ulid = notificationUlids(id);
  const shared = {
    "content-type": "application/json",
    "apns-topic": topic,
    "apns-push-type": silent ? "background" : "alert",
    // A background push of priority 10 is refused as BadPriority.
    "apns-priority": silent || message.priority === "LOW" ? "5" : "10",
    "apns-expiration": String(expiration(message, createdAt)),
  };
  return {
    payload,
    build({ ordinal, token }, authorization) {
      const apnsId = notificationUuid(id, ordinal);
      const headers = {
        authorization,
        ...shared,
        "apns-id": apnsId,
        "apns-collapse-id": message.collapseKey ?? ulid(ordinal),
      };
      return { request: { path: `/3/device/${encodeURIComponent(token)}`, headers, body: payload }, apnsId };
    },
  };
}

/** Seconds since the epoch until which APNs keeps it for an absent device; 0: it tries once and keeps nothing. */
function expiration({ ttl }: PushMessage, createdAt: Date): number {
  return ttl === 0 ? 0 : Math.floor(createdAt.getTime() / 1_000) + ttl;
}

function buildNotification(message: PushMessage): apn.Notification {
  const { content, sound, badge, threadId } = message;
  const notification = new apn.Notification();
  const { title, subtitle, body } = content;
  if ((title ?? subtitle ?? body) !== undefined) {
    // Only what was given: APNs takes an absent field and a null for different things.
    notification.aps.alert = {
      ...(title === undefined ? {} : { title }),
      ...(subtitle === undefined ? {} : { subtitle }),
      ...(body === undefined ? {} : { body }),
    };
  }
  if (sound !== null) notification.sound = sound;
  if (badge !== undefined) notification.badge = badge;
  if (threadId !== undefined) notification.threadId = threadId;
  if (content.category !== undefined) notification.aps.category = content.category;
  if (isSilent(content)) notification.contentAvailable = true;
  // The app's notification service extension fetches images: it is only asked to when the push is mutable.
  if (content.images !== undefined) notification.mutableContent = true;
  notification.payload = {
    ...content.data,
    ...(content.images === undefined ? {} : { images: content.images }),
    ...(content.clickAction === undefined ? {} : { clickAction: content.clickAction }),
  };
  return notification;
}
