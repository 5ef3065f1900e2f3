/** An error that FCM can send. */
export interface FcmCode {
  status: number;
  /** The `errorCode` of the `FcmError`; of an error without one, its google.rpc status. */
  code: string;
  /** The status of the google.rpc error. */
  rpcStatus: string;
  /** In FCM's words. */
  message: string;
  /** Whether FCM says it, with an `FcmError`, or Google's front end. */
  hasFcmError: boolean;
}

const fcm = (status: number, code: string, rpcStatus: string, message: string): FcmCode => ({
  ...{ status, code, rpcStatus, message },
  hasFcmError: true,
});
const google = (status: number, code: string, message: string): FcmCode => ({
  ...{ status, code, rpcStatus: code, message },
  hasFcmError: false,
});

/** Every error of FCM HTTP v1. https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
export const FCM_CODES: readonly FcmCode[] = [
  fcm(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
  fcm(401, "THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"),
  fcm(403, "SENDER_ID_MISMATCH", "PERMISSION_DENIED", "SenderId mismatch"),
  fcm(404, "UNREGISTERED", "NOT_FOUND", "Requested entity was not found."),
  fcm(404, "UNREGISTERED_FID", "NOT_FOUND", "Requested entity was not found."),
  fcm(429, "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED", "Quota exceeded."),
  fcm(500, "INTERNAL", "INTERNAL", "Internal error encountered."),
  fcm(503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."),
  google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
  google(403, "PERMISSION_DENIED", "Permission denied on project."),
  google(404, "NOT_FOUND", "Requested entity was not found."),
];
