/** A refusal that APNs can send. */
export interface ApnsCode {
  status: number;
  reason: string;
}

const codes = (status: number, ...reasons: string[]): ApnsCode[] => reasons.map((reason) => ({ status, reason }));

/**
 * Every refusal of APNs: Apple's "Handling notification responses from APNs".
 * https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
 */
export const APNS_CODES: readonly ApnsCode[] = [
  ...codes(400, "BadCollapseId", "BadDeviceToken", "BadExpirationDate", "BadMessageId", "BadPriority", "BadTopic"),
  ...codes(400, "DeviceTokenNotForTopic", "DuplicateHeaders", "IdleTimeout", "InvalidPushType", "MissingDeviceToken"),
  ...codes(400, "MissingTopic", "PayloadEmpty", "TopicDisallowed"),
  // Documented as BadEnvironmentKeyIdInToken; on the wire it is BadEnvironmentKeyInToken.
  ...codes(403, "BadCertificate", "BadCertificateEnvironment", "BadEnvironmentKeyIdInToken"),
  ...codes(403, "BadEnvironmentKeyInToken", "ExpiredProviderToken", "Forbidden", "InvalidProviderToken"),
  ...codes(403, "MissingProviderToken", "UnrelatedKeyIdInToken"),
  ...codes(404, "BadPath"),
  ...codes(405, "MethodNotAllowed"),
  ...codes(410, "ExpiredToken", "Unregistered"),
  ...codes(413, "PayloadTooLarge"),
  ...codes(429, "TooManyProviderTokenUpdates", "TooManyRequests"),
  ...codes(500, "InternalServerError"),
  ...codes(503, "ServiceUnavailable", "Shutdown"),
];
