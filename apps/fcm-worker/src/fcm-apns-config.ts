import {
  apnsExpirationOf,
  apsAlertOf,
  collapseIdOf,
  isMutable,
  type PushMessage,
  TTL_MAX_SECONDS,
} from "@fanfare/domain";
import type { FcmApnsConfig, FcmMessage } from "./fcm-request-body.js";

/**
 * What FCM does not make of the rest of a message by itself for Apple's devices that are reached through it; `undefined` when that is
 * nothing. Title, body and data it hands on.
 */
export function toApnsConfig(message: PushMessage, expiresAt: Date): FcmApnsConfig | undefined {
  const headers = headersOf(message, expiresAt);
  const aps = apsOf(message);
  const [hasHeaders, hasAps] = [headers, aps].map((fields) => Object.keys(fields).length > 0);
  if (!hasHeaders && !hasAps) return undefined;
  return { ...(hasHeaders && { headers }), ...(hasAps && { payload: { aps } }) };
}

/**
 * A message as it goes out, as a background push for Apple's devices unless it has text, a sound or a badge for them: APNs may
 * refuse, delay or drop one whose type is not that of its payload. What its sender set of that is left alone.
 */
export function wakeIfSilent(message: FcmMessage): FcmMessage {
  const { notification, apns = {} } = message;
  const { headers, payload } = apns;
  const { alert, sound, badge } = payload?.aps ?? {};
  const texts = [notification?.title, notification?.body];
  if ([...texts, alert, sound, badge].some((field) => (field ?? null) !== null)) return message;
  const background = { "apns-push-type": "background", "apns-priority": "5" };
  const aps = { "content-available": 1, ...payload?.aps };
  return { ...message, apns: { ...apns, headers: { ...background, ...headers }, payload: { ...payload, aps } } };
}

function headersOf(message: PushMessage, expiresAt: Date) {
  const { priority, collapseKey, ttl } = message;
  return {
    ...(priority === "LOW" && { "apns-priority": "5" }),
    ...(collapseKey !== undefined && { "apns-collapse-id": collapseIdOf(collapseKey) }),
    ...(ttl < TTL_MAX_SECONDS && { "apns-expiration": apnsExpirationOf(message, expiresAt) }),
  };
}

function apsOf(message: PushMessage) {
  const { content, sound, badge, threadId } = message;
  const { subtitle, category } = content;
  return {
    // An alert takes the place of title and body together, and only here is there a subtitle.
    ...(subtitle !== undefined && { alert: apsAlertOf(content) }),
    ...(sound !== null && { sound }),
    ...(badge !== undefined && { badge }),
    ...(threadId !== undefined && { "thread-id": threadId }),
    ...(category !== undefined && { category }),
    ...(isMutable(message) && { "mutable-content": 1 }),
  };
}
