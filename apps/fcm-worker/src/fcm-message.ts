import type { DeliverableOperation } from "@fanfare/delivery";
import { type DeliveryLine, isSilent, notificationUlids, type PushMessage } from "@fanfare/domain";

/** Bytes of the keys and values of `notification` and `data`: https://firebase.google.com/docs/cloud-messaging/concept-options */
export const FCM_PAYLOAD_MAX_BYTES = 4_096;

/** Builds the bodies of one operation; what its notifications share is built once. */
export interface FcmMessageBuilder {
  payloadBytes: number;
  build(line: DeliveryLine, now: Date): Buffer;
}

/** The body of `messages:send` (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). */
export interface FcmRequestBody {
  message: {
    token: string;
    notification?: { title?: string; body?: string; image?: string };
    data?: Record<string, string>;
    android: {
      priority: "HIGH" | "NORMAL";
      ttl: string;
      collapse_key?: string;
      notification?: {
        tag: string;
        sound?: string;
        channel_id?: string;
        click_action?: string;
        notification_count?: number;
      };
    };
  };
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
 * that are left of its TTL are put into their places.
 */
export function prepareFcmMessage({ id, message, createdAt }: DeliverableOperation): FcmMessageBuilder {
  const ulid = notificationUlids(id);
  const tag = message.collapseKey;
  const body = buildRequestBody(message, { token: TOKEN_MARK, tag: tag ?? TAG_MARK, ttl: TTL_MARK });
  const parts = JSON.stringify(body).split(MARKS);
  return {
    payloadBytes: countPayloadBytes(message),
    build({ ordinal, token }, now) {
      let json = "";
      for (const part of parts) {
        if (part === TOKEN_JSON) json += JSON.stringify(token);
        else if (part === TAG_JSON) json += `"${ulid(ordinal)}"`;
        else if (part === TTL_JSON) json += `"${remainingTtl(message, createdAt, now)}"`;
        else json += part;
      }
      return Buffer.from(json);
    },
  };
}

/** Seconds that are left until the notification's TTL has passed: time that it waited in Fanfare counts. */
function remainingTtl({ ttl }: PushMessage, createdAt: Date, now: Date): string {
  const waitedSeconds = Math.floor((now.getTime() - createdAt.getTime()) / 1_000);
  return `${Math.min(ttl, Math.max(0, ttl - waitedSeconds))}s`;
}

/** The body for one device, written the plain way. */
export function buildRequestBody(
  message: PushMessage,
  { token, tag, ttl }: { token: string; tag: string; ttl: string },
): FcmRequestBody {
  const { content, priority, sound, badge, channelId, collapseKey } = message;
  const { title, body, images, data, clickAction } = content;
  const image = images?.[0];
  const optional = <Key extends string, Value>(key: Key, value: Value | undefined | null) =>
    (value === undefined || value === null ? {} : { [key]: value }) as Record<Key, Value> | object;
  const shown = isSilent(content)
    ? undefined
    : {
        notification: {
          ...optional("title", title),
          ...optional("body", bodyText(content.subtitle, body)),
          ...optional("image", image),
        },
      };
  return {
    message: {
      token,
      ...shown,
      ...optional("data", data),
      android: {
        priority: priority === "HIGH" ? "HIGH" : "NORMAL",
        ttl,
        ...optional("collapse_key", collapseKey),
        ...(shown && {
          notification: {
            // A push that is sent again replaces the one with its tag instead of being shown beside it.
            tag,
            ...optional("sound", sound),
            ...optional("channel_id", channelId),
            ...optional("click_action", clickAction),
            ...optional("notification_count", badge),
          },
        }),
      },
    },
  };
}

// Android has no subtitle: it stands above the body, so that nothing of what the sender wrote is lost.
function bodyText(subtitle: string | undefined, body: string | undefined): string | undefined {
  return subtitle === undefined ? body : [subtitle, body].filter((text) => text !== undefined).join("\n");
}

function countPayloadBytes({ content }: PushMessage): number {
  const { title, subtitle, body, images, data = {} } = content;
  const texts: Record<string, string | undefined> = {
    title,
    body: bodyText(subtitle, body),
    image: images?.[0],
    ...data,
  };
  return Object.entries(texts).reduce(
    (sum, [key, value]) => (value === undefined ? sum : sum + Buffer.byteLength(key) + Buffer.byteLength(value)),
    0,
  );
}
