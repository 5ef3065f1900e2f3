import {
  type ApnContent,
  apsAlertOf,
  EXTRAS_KEY,
  extrasOf,
  hasText,
  isMutable,
  type Json,
  mergePatch,
  PAYLOAD_MAX_BYTES,
  type PushMessage,
  type PushType,
  pushTypeOf,
  VOIP_PAYLOAD_MAX_BYTES,
} from "@fanfare/domain";
import apn from "apn";

/** What a push type adds to the topic: Apple, "Sending notification requests to APNs". */
const TOPIC_SUFFIXES: Partial<Record<PushType, string>> = {
  voip: ".voip",
  complication: ".complication",
  fileprovider: ".pushkit.fileprovider",
  liveactivity: ".push-type.liveactivity",
  location: ".location-query",
  pushtotalk: ".voip-ptt",
};

/** The topic of an app's pushes of a type. */
export function topicOf({ bundleId }: Pick<ApnContent, "bundleId">, type: PushType): string {
  return bundleId + (TOPIC_SUFFIXES[type] ?? "");
}

/** Bytes that a payload of a push type may have. */
export function payloadLimitOf(type: PushType): number {
  return type === "voip" ? VOIP_PAYLOAD_MAX_BYTES : PAYLOAD_MAX_BYTES;
}

/** The payload of a message, as UTF-8 JSON, with the sender's own `apns` merged in last. */
export function buildPayload(message: PushMessage): Buffer {
  // Apple refuses a payload without aps, which node-apn leaves out when it is empty.
  const payload: Json = { aps: {}, ...JSON.parse(JSON.stringify(toNotification(message))) };
  return Buffer.from(JSON.stringify(message.apns === undefined ? payload : mergePatch(payload, message.apns)));
}

function toNotification(message: PushMessage): apn.Notification {
  const { content, sound, badge, threadId } = message;
  const { category, data } = content;
  const notification = new apn.Notification();
  if (hasText(content)) notification.aps.alert = apsAlertOf(content);
  if (sound !== null) notification.sound = sound;
  if (badge !== undefined) notification.badge = badge;
  if (threadId !== undefined) notification.threadId = threadId;
  if (category !== undefined) notification.aps.category = category;
  if (pushTypeOf(message) === "background") notification.contentAvailable = true;
  if (isMutable(message)) notification.mutableContent = true;
  const extras = extrasOf(content);
  notification.payload = { ...data, ...(extras && { [EXTRAS_KEY]: extras }) };
  return notification;
}
