import { collapseIdOf, type PushMessage, TTL_MAX_SECONDS } from "@fanfare/domain";

/** `message.apns`: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages#apnsconfig */
export interface FcmApnsConfig {
  headers?: Record<string, string>;
  payload?: { aps: Record<string, unknown> };
}

/** What a message is to an Apple device that is reached through FCM. */
export interface AppleSide {
  /** Whether it has neither text nor image nor sound nor badge. */
  isSilent: boolean;
  expiresAt: Date;
}

/**
 * What FCM does not make of the rest of a message by itself for Apple's devices; `undefined` when that is nothing. Title, body and
 * data it hands on.
 */
export function toApnsConfig(message: PushMessage, side: AppleSide): FcmApnsConfig | undefined {
  const headers = headersOf(message, side);
  const aps = apsOf(message, side);
  const [hasHeaders, hasAps] = [headers, aps].map((fields) => Object.keys(fields).length > 0);
  if (!hasHeaders && !hasAps) return undefined;
  return { ...(hasHeaders && { headers }), ...(hasAps && { payload: { aps } }) };
}

function headersOf({ priority, collapseKey, ttl }: PushMessage, { isSilent, expiresAt }: AppleSide) {
  return {
    ...((isSilent || priority === "LOW") && { "apns-priority": "5" }),
    ...(isSilent && { "apns-push-type": "background" }),
    ...(collapseKey !== undefined && { "apns-collapse-id": collapseIdOf(collapseKey) }),
    // Seconds since the epoch; 0: APNs tries once and keeps nothing.
    ...(ttl < TTL_MAX_SECONDS && {
      "apns-expiration": String(ttl === 0 ? 0 : Math.floor(expiresAt.getTime() / 1_000)),
    }),
  };
}

function apsOf({ content, sound, badge, threadId, mutableContent }: PushMessage, { isSilent }: AppleSide) {
  const { title, subtitle, body, images, category } = content;
  return {
    // An alert takes the place of title and body together, and only here is there a subtitle.
    ...(subtitle !== undefined && {
      alert: { ...(title !== undefined && { title }), subtitle, ...(body !== undefined && { body }) },
    }),
    ...(sound !== null && { sound }),
    ...(badge !== undefined && { badge }),
    ...(threadId !== undefined && { "thread-id": threadId }),
    ...(category !== undefined && { category }),
    ...((mutableContent ?? images !== undefined) && { "mutable-content": 1 }),
    ...(isSilent && { "content-available": 1 }),
  };
}
