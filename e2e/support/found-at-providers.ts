import { createHash } from "node:crypto";
import { contentIn, type GivenRequest, isNoticedIn, isSpecial } from "./given-requests.js";
import type { ReceivedRequest } from "./run-stack.js";

/** A field of a request and what a provider has in its place. */
type Expectation = [field: string, received: unknown, given: unknown];

/** The recipients' language. */
const LANGUAGE = "de";

/** Fields of a request that are not, or not the same, in what APNs received. */
export function missingAtApns(request: GivenRequest, received: ReceivedRequest | undefined): string[] {
  const { content, priority, ttl, sound, badge, threadId, collapseKey, mutableContent, pushType, apns } =
    inLanguage(request);
  const { title, subtitle, body, images, data, clickAction, category } = content;
  const headers = received?.headers ?? {};
  const { aps = {}, fanfare, ...rest } = received?.payload ?? {};
  const { aps: ownAps = {}, ...own } = apns ?? {};
  const hasText = (title ?? subtitle ?? body) !== undefined;
  const type = isSpecial(pushType) ? pushType : isNoticedIn(request, LANGUAGE) ? "alert" : "background";
  const wanted: Record<string, unknown> = {
    ...{ alert: hasText ? { title, subtitle, body } : undefined, sound, badge, category, "thread-id": threadId },
    "mutable-content": (mutableContent ?? images !== undefined) ? 1 : undefined,
    "content-available": type === "background" ? 1 : undefined,
    ...Object.fromEntries(Object.entries(ownAps).map(([name, value]) => [name, value ?? undefined])),
  };
  return differing([
    ["aps", aps, wanted],
    ["data", rest, { ...data, ...own }],
    ["fanfare", fanfare, images === undefined && clickAction === undefined ? undefined : { images, clickAction }],
    ["pushType", headers["apns-push-type"], type],
    ["priority", headers["apns-priority"], type === "background" || priority === "LOW" ? "5" : "10"],
    ["ttl", isExpiration(headers["apns-expiration"], ttl), true],
    ["collapseKey", collapseKey === undefined || headers["apns-collapse-id"] === inHeader(collapseKey), true],
  ]);
}

/** The same of what FCM received. */
export function missingAtFcm(request: GivenRequest, payload: ReceivedRequest["payload"]): string[] {
  const { content, priority, ttl, sound, badge, threadId, channelId, collapseKey, mutableContent, fcm } =
    inLanguage(request);
  const { title, subtitle, body, images, data, clickAction, category } = content;
  const {
    notification = {},
    data: { fanfare, ...received } = {} as Record<string, string>,
    android = {},
    apns = {},
  } = payload ?? {};
  const hasText = (title ?? subtitle ?? body) !== undefined;
  const isNoticed = hasText || (images ?? sound) !== undefined || (badge ?? 0) > 0;
  const own = { title: fcm?.notification?.title ?? title, sound: fcm?.apns?.payload.aps.sound ?? sound };
  const isNoticedByApple = hasText || (own.title ?? own.sound ?? badge) !== undefined;
  const shown = android.notification ?? {};
  const extras = fanfare === undefined ? {} : JSON.parse(fanfare);
  const { aps = {} } = apns.payload ?? {};
  const lines = [subtitle, body].filter((line) => line !== undefined);
  return differing([
    ["title", notification.title, own.title],
    ["subtitle, body", notification.body, lines.length > 0 ? lines.join("\n") : undefined],
    ["data", received, data ?? {}],
    ["images", [notification.image, extras.images ?? images], [images?.[0], images]],
    ["lone image", extras.images === undefined, (images ?? []).length < 2],
    ["clickAction", [shown.click_action, extras.clickAction], [isNoticed ? clickAction : undefined, clickAction]],
    ["channelId", isNoticed ? shown.channel_id : extras.channelId, channelId],
    ["sound, badge", [shown.sound, shown.notification_count], [sound, isNoticed ? badge : undefined]],
    ["priority", android.priority, priority === "HIGH" ? "HIGH" : "NORMAL"],
    ["ttl", Number.parseInt(android.ttl, 10) <= ttl && Number.parseInt(android.ttl, 10) > ttl - 60 - 1, true],
    ["collapseKey", android.collapse_key, collapseKey],
    ["tag", collapseKey === undefined || !isNoticed || shown.tag === collapseKey, true],
    ["subtitle for Apple", aps.alert, subtitle === undefined ? undefined : { title, subtitle, body }],
    ["sound, badge for Apple", [aps.sound, aps.badge], [own.sound, badge]],
    ["threadId, category", [aps["thread-id"], aps.category], [threadId, category]],
    ["mutableContent", aps["mutable-content"], (mutableContent ?? images !== undefined) ? 1 : undefined],
    ["silent for Apple", aps["content-available"], isNoticedByApple ? undefined : 1],
    ["pushType for Apple", apns.headers?.["apns-push-type"], isNoticedByApple ? undefined : "background"],
    ["priority for Apple", apns.headers?.["apns-priority"], !isNoticedByApple || priority === "LOW" ? "5" : undefined],
    [
      "collapseKey for Apple",
      apns.headers?.["apns-collapse-id"],
      collapseKey === undefined ? undefined : inHeader(collapseKey),
    ],
    ["ttl for Apple", ttl === 2_419_200 || isExpiration(apns.headers?.["apns-expiration"], ttl), true],
    ["fcm", [android.direct_boot_ok, payload?.fcm_options], [ownAndroid(fcm), fcm?.fcm_options]],
  ]);
}

const inLanguage = (request: GivenRequest) => ({ ...request, content: contentIn(request, LANGUAGE) });

const ownAndroid = (fcm: GivenRequest["fcm"]) =>
  (fcm?.android as { direct_boot_ok?: boolean } | undefined)?.direct_boot_ok;

/** The id that a key arrives as: itself where a header field can carry it (RFC 9110, section 5.5), else its hash. */
function inHeader(key: string): string {
  const isCarried = [...key].every((character) => character >= " " && character <= "~") && key === key.trim();
  return isCarried ? key : createHash("sha256").update(key).digest("hex");
}

/** Whether a header says the moment at which a TTL ends that began within the last minute. */
function isExpiration(header: unknown, ttl: number): boolean {
  if (ttl === 0) return header === "0";
  const aheadSeconds = Number(header) - Date.now() / 1_000;
  return aheadSeconds <= ttl && aheadSeconds > ttl - 60;
}

function differing(expectations: readonly Expectation[]): string[] {
  return expectations.filter(([, received, given]) => canonical(received) !== canonical(given)).map(([field]) => field);
}

/** As JSON, without what is undefined, keys in order. */
function canonical(value: unknown): string {
  const sorted = (_key: string, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
      : item;
  return JSON.stringify(value, sorted) ?? "";
}
