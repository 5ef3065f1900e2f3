import type { Content } from "./content.js";
import type { PushMessage } from "./push-message.js";

/** `aps.alert` of a content: only what was given, since APNs takes an absent field and a null for different things. */
export function apsAlertOf({ title, subtitle, body }: Pick<Content, "title" | "subtitle" | "body">) {
  return {
    ...(title !== undefined && { title }),
    ...(subtitle !== undefined && { subtitle }),
    ...(body !== undefined && { body }),
  };
}

/** `apns-expiration`: until when APNs keeps a push for an absent device, in seconds since the epoch; 0: it tries once and keeps nothing. */
export function apnsExpirationOf({ ttl }: Pick<PushMessage, "ttl">, expiresAt: Date): string {
  return String(ttl === 0 ? 0 : Math.floor(expiresAt.getTime() / 1_000));
}

/** Whether `aps.mutable-content` is set: the app's notification service extension, which fetches images, is only asked to then. */
export function isMutable({ content, mutableContent }: Pick<PushMessage, "content" | "mutableContent">): boolean {
  return mutableContent ?? content.images !== undefined;
}
