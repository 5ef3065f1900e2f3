import type { DeliverableOperation } from "@fanfare/delivery";
import {
  type Content,
  type DeliveryLine,
  EXTRAS_KEY,
  extrasOf,
  hasText,
  type Json,
  mergePatch,
  notificationUlids,
  PAYLOAD_MAX_BYTES,
  type PushMessage,
  personalMessage,
} from "@fanfare/domain";
import { toApnsConfig, wakeIfSilent } from "./fcm-apns-config.js";
import type { FcmMessage, FcmRequestBody } from "./fcm-request-body.js";

/** A body as it goes out, or the size of a payload that FCM would not take. */
export type BuiltFcmBody = { body: Buffer } | { tooLarge: { bytes: number; limit: number } };

/** Builds the bodies of one operation; what its notifications share is built once. */
export interface FcmMessageBuilder {
  build(line: DeliveryLine, now: Date): BuiltFcmBody;
}

// Whole strings of the JSON, quotes included. No text of a sender can look so: it may not contain U+0000, and a backslash
// that it writes is doubled.
const TOKEN_MARK = "\u0000token";
const TAG_MARK = "\u0000tag";
const TTL_MARK = "\u0000ttl";
const [TOKEN_JSON, TAG_JSON, TTL_JSON] = [TOKEN_MARK, TAG_MARK, TTL_MARK].map((mark) => JSON.stringify(mark));
const MARKS = /("\\u0000(?:token|tag|ttl)")/;

/**
 * Prepares the bodies of an operation: it is written as JSON once, and for each line its token, tag and the seconds
 * that are left of its TTL are put into their places. What is personal is written for each line.
 */
export function prepareFcmMessage({ id, message, expiresAt }: DeliverableOperation): FcmMessageBuilder {
  const ulid = notificationUlids(id);
  const ttlAt = (now: Date) => `${remainingSeconds(message, expiresAt, now)}s`;
  let shared: { parts: string[]; payloadBytes: number } | undefined;
  const getShared = () => {
    if (!shared) {
      const body = buildRequestBody(message, {
        token: TOKEN_MARK,
        tag: message.collapseKey ?? TAG_MARK,
        ttl: TTL_MARK,
        expiresAt,
      });
      shared = { parts: JSON.stringify(body).split(MARKS), payloadBytes: countPayloadBytes(body) };
    }
    return shared;
  };
  const buildPersonal = ({ ordinal, token, rendered }: DeliveryLine, now: Date) => {
    const personal = personalMessage(message, rendered);
    const tag = personal.collapseKey ?? ulid(ordinal);
    return buildRequestBody(personal, { token, tag, ttl: ttlAt(now), expiresAt });
  };

  return {
    build(line, now) {
      const personal = line.rendered && buildPersonal(line, now);
      const bytes = personal ? countPayloadBytes(personal) : getShared().payloadBytes;
      if (bytes > PAYLOAD_MAX_BYTES) return { tooLarge: { bytes, limit: PAYLOAD_MAX_BYTES } };
      if (personal) return { body: Buffer.from(JSON.stringify(personal)) };
      let json = "";
      for (const part of getShared().parts) {
        if (part === TOKEN_JSON) json += JSON.stringify(line.token);
        else if (part === TAG_JSON) json += `"${ulid(line.ordinal)}"`;
        else if (part === TTL_JSON) json += `"${ttlAt(now)}"`;
        else json += part;
      }
      return { body: Buffer.from(json) };
    },
  };
}

/** Seconds that are left until the notification's TTL has passed: time that it waited in Fanfare counts. */
function remainingSeconds({ ttl }: PushMessage, expiresAt: Date, now: Date): number {
  const leftSeconds = Math.ceil((expiresAt.getTime() - now.getTime()) / 1_000);
  return Math.min(ttl, Math.max(0, leftSeconds));
}

/** What the bodies of an operation's notifications differ in. */
interface BodyOfOne {
  token: string;
  tag: string;
  ttl: string;
  expiresAt: Date;
}

/** The body for one device, with the sender's own `fcm` merged in last; whether Apple's side is silent follows from all of it. */
export function buildRequestBody(message: PushMessage, one: BodyOfOne): FcmRequestBody {
  const body = toMessage(message, one);
  const merged = message.fcm === undefined ? body : mergePatch(body as unknown as Json, message.fcm);
  return { message: wakeIfSilent(merged as unknown as FcmMessage) };
}

function toMessage(message: PushMessage, { token, tag, ttl, expiresAt }: BodyOfOne): FcmMessage {
  const { content, priority, sound, badge = 0, channelId, collapseKey } = message;
  const { title, subtitle, body, images, clickAction } = content;
  const isShown = hasText(content) || images !== undefined;
  // Android plays a sound and counts on an icon for a notification alone, be it one without text.
  const isNoticed = isShown || sound !== null || badge > 0;
  return {
    token,
    ...(isShown && {
      notification: {
        ...optional("title", title),
        ...optional("body", bodyText(subtitle, body)),
        ...optional("image", images?.[0]),
      },
    }),
    ...optional("data", dataOf(content, isNoticed ? undefined : channelId)),
    android: {
      priority: priority === "HIGH" ? "HIGH" : "NORMAL",
      ttl,
      ...optional("collapse_key", collapseKey),
      ...(isNoticed && {
        notification: {
          // A push that is sent again replaces the one with its tag instead of being shown beside it.
          tag,
          ...optional("sound", sound),
          ...optional("channel_id", channelId),
          ...optional("click_action", clickAction),
          ...optional("notification_count", message.badge),
        },
      }),
    },
    ...optional("apns", toApnsConfig(message, expiresAt)),
  };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined | null): Partial<Record<Key, Value>> {
  return (value === undefined || value === null ? {} : { [key]: value }) as Partial<Record<Key, Value>>;
}

// FCM's data has texts alone: the extras are the JSON of what APNs gets. A lone image stands in the notification already.
function dataOf({ data, images = [], clickAction }: Content, channelId: string | undefined) {
  const ofContent = extrasOf({ clickAction, ...(images.length > 1 && { images }) });
  const extras = { ...ofContent, ...optional("channelId", channelId) };
  if (Object.keys(extras).length === 0) return data;
  return { ...data, [EXTRAS_KEY]: JSON.stringify(extras) };
}

// Android has no subtitle: it stands above the body, so that nothing of what the sender wrote is lost.
function bodyText(subtitle: string | undefined, body: string | undefined): string | undefined {
  return subtitle === undefined ? body : [subtitle, body].filter((text) => text !== undefined).join("\n");
}

/** Bytes of the keys and values of `notification` and `data`, which FCM's limit is of. */
function countPayloadBytes({ message: { notification = {}, data = {} } }: FcmRequestBody): number {
  return [...Object.entries(notification), ...Object.entries(data)].reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
}
