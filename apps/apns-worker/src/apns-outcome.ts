import { type ProviderReply, type PushReply, parseRetryAfter } from "@fanfare/delivery";
import type { Blame, DeliveryOutcome } from "@fanfare/domain";
import { z } from "zod";

/** What one answer of APNs means and what is to be done about it. */
export interface ApnsRule {
  status: number;
  reason: string;
  /** In plain words. */
  meaning: string;
  /** What is to be done about it; absent where the sender can do nothing, or nothing in particular. */
  advice?: string;
  /** Whom to blame for a rejection; `retry`: nobody, try again. */
  verdict: Blame | "retry";
}

const rule = (
  status: number,
  reason: string,
  verdict: ApnsRule["verdict"],
  meaning: string,
  advice?: string,
): ApnsRule => ({
  ...{ status, reason, verdict, meaning },
  ...(advice !== undefined && { advice }),
});

const OTHER_ENVIRONMENT =
  "Add the credential as APN in place of APN_SANDBOX, or the other way round, or use the other key.";
const CERTIFICATE = "A certificate is not Fanfare's: look at what stands between the worker and APNs.";

/**
 * Apple's reasons (https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns).
 * What is not listed is kept verbatim: a 4xx is the request's fault, so that no token is lost; a 5xx is tried again.
 */
export const APNS_RULES: readonly ApnsRule[] = [
  rule(400, "BadDeviceToken", "token", "The device token is not valid, or belongs to the other environment."),
  rule(400, "DeviceTokenNotForTopic", "token", "The device token belongs to another app."),
  rule(400, "BadCollapseId", "request", "The collapse id is longer than 64 bytes."),
  rule(400, "BadExpirationDate", "request", "The expiration date is not valid."),
  rule(400, "BadMessageId", "request", "The notification id is not a UUID."),
  rule(400, "BadPriority", "request", "The priority does not fit the push type."),
  rule(400, "BadTopic", "request", "The topic is not valid."),
  rule(400, "DuplicateHeaders", "request", "A header was given twice."),
  rule(400, "InvalidPushType", "request", "The push type is not valid."),
  rule(400, "MissingDeviceToken", "request", "There is no device token in the path."),
  rule(400, "MissingTopic", "request", "There is no topic, and the credential does not imply one."),
  rule(400, "PayloadEmpty", "request", "The payload is empty."),
  rule(400, "TopicDisallowed", "request", "Pushing to this topic is not allowed."),
  rule(400, "IdleTimeout", "retry", "The connection was idle for too long."),
  rule(403, "BadCertificate", "credential", "The certificate is not valid.", CERTIFICATE),
  rule(403, "BadCertificateEnvironment", "credential", "The certificate is for the other environment.", CERTIFICATE),
  rule(403, "BadEnvironmentKeyInToken", "credential", "The key is for the other environment.", OTHER_ENVIRONMENT),
  rule(403, "BadEnvironmentKeyIdInToken", "credential", "The key is for the other environment.", OTHER_ENVIRONMENT),
  rule(403, "ExpiredProviderToken", "retry", "The provider token is older than an hour; a new one is made."),
  rule(
    403,
    "Forbidden",
    "credential",
    "The action is not allowed.",
    "Look in the Apple developer account whether the key may be used for APNs and this bundle id.",
  ),
  rule(
    403,
    "InvalidProviderToken",
    "credential",
    "The key, key id or team id is wrong, or the key was revoked.",
    "Compare all three with the Apple developer account; if the key was revoked, make a new one. Then change the credential.",
  ),
  rule(
    403,
    "MissingProviderToken",
    "credential",
    "The request carried no provider token.",
    "Look at what stands between the worker and APNs: something takes it away.",
  ),
  rule(
    403,
    "UnrelatedKeyIdInToken",
    "credential",
    "The key does not belong to this connection's team or topic.",
    "Use a key that may push to this bundle id, or change the bundle id; then change the credential.",
  ),
  rule(404, "BadPath", "request", "The path is not valid."),
  rule(405, "MethodNotAllowed", "request", "The method is not POST."),
  rule(410, "ExpiredToken", "token", "The device token has expired."),
  rule(410, "Unregistered", "token", "The app was removed from the device."),
  rule(413, "PayloadTooLarge", "request", "The payload is over the limit."),
  rule(429, "TooManyProviderTokenUpdates", "retry", "The provider token is changed too often."),
  rule(429, "TooManyRequests", "retry", "Too many pushes to this device token in a row."),
  rule(500, "InternalServerError", "retry", "APNs had an internal error."),
  rule(503, "ServiceUnavailable", "retry", "APNs is unavailable."),
  rule(503, "Shutdown", "retry", "This APNs server is shutting down."),
];

/** Reasons after which no other credential or environment would reach the device. */
const GONE = new Set(["Unregistered", "ExpiredToken"]);

const RULES_BY_CODE = new Map(APNS_RULES.map((known) => [`${known.status} ${known.reason}`, known]));

// A timestamp that is of no use takes nothing away from the reason.
const errorBodySchema = z.object({ reason: z.string(), timestamp: z.number().optional().catch(undefined) });

/** APNs has been there since 2009: a time before that is a mistake, as seconds in place of milliseconds would be. */
const APNS_BEGAN_MS = Date.UTC(2009, 0);

/** A reply of APNs as an outcome. `apnsId` is what the request carried. */
export function toApnsOutcome(reply: ProviderReply, apnsId: string, now: Date): DeliveryOutcome {
  if (reply.kind === "unknown") return { kind: "unknown", code: reply.code, detail: "APNs did not answer." };
  const { status: httpStatus, headers } = reply;
  if (httpStatus === 200) {
    return { kind: "accepted", providerMessageId: headers["apns-id"] ?? apnsId, httpStatus };
  }
  const body = readErrorBody(reply.body);
  const code = body?.reason ?? `HTTP_${httpStatus}`;
  const known = RULES_BY_CODE.get(`${httpStatus} ${code}`);
  const verdict = known?.verdict ?? (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429 ? "request" : "retry");
  const detail = known?.meaning ?? `APNs answered ${httpStatus} ${code}.`;
  const base = { code, httpStatus, detail, ...(known?.advice !== undefined && { advice: known.advice }) };
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now);
  const retryAfter = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (verdict === "retry") return { kind: "retry", ...base, ...retryAfter };
  const invalidatedAt = readTimestamp(body?.timestamp, now);
  const invalidated = invalidatedAt === undefined ? {} : { invalidatedAt };
  const gone = verdict === "token" && GONE.has(code) ? { tokenIsGone: true } : {};
  return { kind: "rejected", blame: verdict, ...base, ...retryAfter, ...invalidated, ...gone };
}

/** Since when APNs has known a token as dead; `undefined` for a time that can not be, as if there were none. */
function readTimestamp(timestampMs: number | undefined, now: Date): Date | undefined {
  if (timestampMs === undefined || timestampMs < APNS_BEGAN_MS || timestampMs > now.getTime()) return undefined;
  return new Date(timestampMs);
}

/**
 * Reasons after which a connection is of no use: APNs remembers an expired or foreign provider token, or too many of them, for as
 * long as the connection lives.
 */
const WEDGED = new Set([
  "ExpiredProviderToken",
  "InvalidProviderToken",
  "UnrelatedKeyIdInToken",
  "TooManyProviderTokenUpdates",
]);

/** Whether a connection is to be replaced after a reply. */
export function retiresConnection(reply: PushReply): boolean {
  if (reply.kind !== "answered" || (reply.status !== 403 && reply.status !== 429)) return false;
  return WEDGED.has(readErrorBody(reply.body)?.reason ?? "");
}

/** The error that a body carries; `undefined` for one that is empty, cut off, or not APNs's own. */
function readErrorBody(body: Buffer): z.infer<typeof errorBodySchema> | undefined {
  try {
    return errorBodySchema.parse(JSON.parse(body.toString()));
  } catch {
    // A proxy's HTML, or nothing at all: the status alone decides.
    return undefined;
  }
}
