import type { FieldViolation } from "./rules.js";

/** An answer of FCM. */
export interface FcmAnswer {
  status: number;
  headers?: Record<string, string>;
  body: object;
}

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/** The status of the google.rpc error that goes with each errorCode, and FCM's words. */
const ERROR_CODES: Record<string, [rpcStatus: string, message: string]> = {
  UNREGISTERED: ["NOT_FOUND", "Requested entity was not found."],
  UNREGISTERED_FID: ["NOT_FOUND", "Requested entity was not found."],
  INVALID_ARGUMENT: ["INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"],
  SENDER_ID_MISMATCH: ["PERMISSION_DENIED", "SenderId mismatch"],
  QUOTA_EXCEEDED: ["RESOURCE_EXHAUSTED", "Quota exceeded."],
  UNAVAILABLE: ["UNAVAILABLE", "The service is currently unavailable."],
  INTERNAL: ["INTERNAL", "Internal error encountered."],
  THIRD_PARTY_AUTH_ERROR: ["UNAUTHENTICATED", "Auth error from APNS or Web Push Service"],
};

/** An error of FCM itself, which carries an `FcmError`. A refused token names its field too. */
export function fcmError(status: number, errorCode: string, headers: Record<string, string> = {}): FcmAnswer {
  const [rpcStatus, message] = ERROR_CODES[errorCode] ?? [errorCode, errorCode];
  const fieldViolations = [{ field: "message.token", description: message }];
  const details = [
    { "@type": FCM_ERROR, errorCode },
    ...(errorCode === "INVALID_ARGUMENT" ? [{ "@type": BAD_REQUEST, fieldViolations }] : []),
  ];
  return { status, headers, body: { error: { code: status, message, status: rpcStatus, details } } };
}

/** The refusal of a request whose fields are wrong. */
export function invalidRequest(fieldViolations: FieldViolation[]): FcmAnswer {
  const message = fieldViolations.map(({ field, description }) => `${field}: ${description}`).join("; ");
  const details = [
    { "@type": FCM_ERROR, errorCode: "INVALID_ARGUMENT" },
    { "@type": BAD_REQUEST, fieldViolations },
  ];
  return { status: 400, body: { error: { code: 400, message, status: "INVALID_ARGUMENT", details } } };
}

/** An error of Google's front end, before FCM: without `FcmError`. */
export function googleError(status: number, rpcStatus: string, message: string): FcmAnswer {
  return { status, body: { error: { code: status, message, status: rpcStatus } } };
}
