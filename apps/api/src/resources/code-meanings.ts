import { type PerProvider, PROVIDERS, type Provider } from "@fanfare/domain";

/** What a code means and what to do about it. */
export interface CodeMeaning {
  title: string;
  detail: string;
  /** Whether it is the provider's own code. */
  isProviders: boolean;
}

type Meanings = Readonly<Record<string, readonly [title: string, detail: string]>>;

const UNANSWERED = "It may have been delivered; it was tried again with the same id until the attempts were used up.";

/** Codes of Fanfare's own. docs/errors.md lists them; a test compares. */
export const OWN_CODES: Meanings = {
  DUPLICATE: ["Named twice", "An earlier recipient of the request has the same address: it is sent to once."],
  UNADDRESSABLE: [
    "No usable address",
    "The user has no device in this app, or every token is known to be dead, or the app has no credential for its provider. See GET /v1/PushNotifications/InvalidTokens; a token that is registered again is used again.",
  ],
  RENDER_ERROR: [
    "The template failed",
    "Personalization failed for this recipient: look at its variables and at the template.",
  ],
  PAYLOAD_TOO_LARGE: [
    "The payload is too large",
    "Shorten the content or the overrides: the provider would refuse it.",
  ],
  ILLEGAL_FIELD: [
    "A field can not be sent",
    "Its path or a header has a value that HTTP does not allow: look at the credential and at the device token. No provider was called.",
  ],
  EXPIRED: ["Its TTL passed", "No provider accepted it in time: raise ttl, or look at why it waited."],
  EXPIRED_UNKNOWN: [
    "Its TTL passed after a call that was not answered",
    "A provider was called, or may have been, and what came of that is not known: it may have been delivered.",
  ],
  NO_CREDENTIAL: [
    "The credential is gone",
    "It was deleted while notifications waited for it: add one and send again.",
  ],
  CREDENTIAL_SUSPECTED: [
    "The credential is for another app or environment",
    "Most of its tokens are refused as not valid or not of this app, so the credential is suspected and the tokens were kept: sandbox or production, bundle id, Firebase project? Change the credential and send again.",
  ],
  KEY_CAN_NOT_SIGN: [
    "The credential's key can not sign",
    "Every notification of this credential waits: give it a key as the provider hands it out.",
  ],
  CREDENTIAL_UNREADABLE: [
    "The credential can not be read",
    "It was stored under another master key, or is damaged: the operator mends the master key, or the credential is changed.",
  ],
  NO_ACCESS_TOKEN: [
    "There is no access token",
    "Google's token endpoint can not be reached, or answers with something else: it is asked again by itself.",
  ],
  RATE_LIMITED: [
    "It waits its turn",
    "No more is sent with its credential than its rate allows, or the provider asked for.",
  ],
  NO_ANSWERS: ["The provider answers nothing", "It waits until what is on its way before it is answered."],
  OUTCOME_UNKNOWN: [
    "It may have been delivered",
    "The worker that held it died, and the app wants nothing sent twice (onUnknown: fail), or the sender canceled it after that.",
  ],
  WORKER_CRASHED: [
    "It kills the workers that have it",
    "Each worker that prepared or sent it died, the last one while it did nothing else; it may have been delivered. That is a bug of Fanfare's, or of what it runs on: the operator finds it in the log, and can have it sent after all (fanfare redrive).",
  ],
  RECORD_REFUSED: [
    "Its outcome could not be recorded",
    "The database refused what there was to record of it; it may have been delivered. The operator finds the reason in the log.",
  ],
  WORKER_LOST: ["The worker was lost", UNANSWERED],
  TIMEOUT: ["No answer in time", UNANSWERED],
  CONNECTION_LOST: ["The connection broke before the answer came", UNANSWERED],
};

const DEAD = "The token is not tried any more: remove it, the app registers a new one when it is opened.";
const CONFIG = "The token was kept. Look at the app's credential and topic.";
const MEND = "The token was kept: mend the request.";
const KEY = "Every notification of this credential is affected: verify it with POST …/Credentials/{id}/Verify.";
const RETRIED = "It was tried again until the attempts were used up; send again later.";

/** Apple, "Handling notification responses from APNs". */
const APNS_CODES: Meanings = {
  BadDeviceToken: ["Not a device token", `Mangled, or of the other environment (sandbox or production). ${DEAD}`],
  DeviceTokenNotForTopic: ["The token belongs to another app", `Its bundle id is not the credential's. ${DEAD}`],
  Unregistered: ["The app was removed from the device", DEAD],
  ExpiredToken: ["The device token has expired", DEAD],
  BadCollapseId: ["The collapse id is too long", MEND],
  BadExpirationDate: ["The expiration is not valid", MEND],
  BadMessageId: ["The notification id is not valid", MEND],
  BadPriority: ["The priority does not fit the push type", MEND],
  BadTopic: ["The topic is not valid", CONFIG],
  DuplicateHeaders: ["A header was given twice", MEND],
  InvalidPushType: ["The push type is not valid", MEND],
  MissingDeviceToken: ["There was no device token", MEND],
  MissingTopic: ["There was no topic", CONFIG],
  PayloadEmpty: ["The payload was empty", MEND],
  PayloadTooLarge: ["The payload is too large", MEND],
  TopicDisallowed: ["The key may not push to this topic", CONFIG],
  BadCertificate: ["The certificate is wrong", KEY],
  BadCertificateEnvironment: ["The certificate is for the other environment", KEY],
  BadEnvironmentKeyInToken: ["The key is for the other environment", KEY],
  BadEnvironmentKeyIdInToken: ["The key is for the other environment", KEY],
  ExpiredProviderToken: ["The provider token was too old", `Is the clock of the worker right? ${RETRIED}`],
  Forbidden: ["The action is not allowed", KEY],
  InvalidProviderToken: ["The signing key, key id or team id is wrong", KEY],
  MissingProviderToken: ["There was no provider token", KEY],
  UnrelatedKeyIdInToken: ["The key does not belong to this topic", KEY],
  TooManyProviderTokenUpdates: ["The provider token was changed too often", RETRIED],
  TooManyRequests: ["Too many pushes to one device", RETRIED],
  InternalServerError: ["APNs had an internal error", RETRIED],
  ServiceUnavailable: ["APNs was unavailable", RETRIED],
  Shutdown: ["An APNs server shut down", RETRIED],
};

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const FCM_CODES: Meanings = {
  UNREGISTERED: ["The app was removed from the device", DEAD],
  UNREGISTERED_FID: ["The app instance is not registered any more", DEAD],
  SENDER_ID_MISMATCH: ["The token belongs to another Firebase project", `Is the right project's key in use? ${DEAD}`],
  INVALID_ARGUMENT: ["A field was refused", "FCM's words say which one. A token that is none is not tried any more."],
  QUOTA_EXCEEDED: ["Too many messages", RETRIED],
  UNAVAILABLE: ["FCM was unavailable", RETRIED],
  INTERNAL: ["FCM had an internal error", RETRIED],
  THIRD_PARTY_AUTH_ERROR: ["The APNs key in the Firebase project is wrong", "Mend it in the Firebase console."],
  UNAUTHENTICATED: ["The access token was refused", KEY],
  PERMISSION_DENIED: ["The service account may not send", KEY],
  NOT_FOUND: ["There is no such Firebase project", KEY],
};

const PROVIDER_CODES: PerProvider<Meanings> = { FCM: FCM_CODES, APN: APNS_CODES };

/** What a code means. Codes that no table has are shown as the provider gave them. */
export function explainCode(provider: Provider | null, code: string): CodeMeaning {
  const own = lookUp(OWN_CODES, code);
  if (own) return { title: own[0], detail: own[1], isProviders: false };
  const theirs = (provider ? [provider] : PROVIDERS)
    .map((one) => lookUp(PROVIDER_CODES[one], code))
    .find((meaning) => meaning !== undefined);
  if (theirs) return { title: theirs[0], detail: theirs[1], isProviders: true };
  if (code.startsWith("OAUTH_")) {
    return { title: "Google refused the service account", detail: KEY, isProviders: true };
  }
  return {
    title: code,
    detail: "The provider's answer is not one that it documents; the attempts have its words.",
    isProviders: true,
  };
}

// A provider's code is any text, such as the name of a property that every object has.
function lookUp(meanings: Meanings, code: string) {
  return Object.hasOwn(meanings, code) ? meanings[code] : undefined;
}
