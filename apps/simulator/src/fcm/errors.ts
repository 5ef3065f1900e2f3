import type { Refusal } from "../behaviours.js";
import { FCM_CODES } from "./codes.js";
import type { FieldViolation } from "./rules.js";

/** An answer of FCM. */
export interface FcmAnswer {
  status: number;
  /** What a refusal is called in the received log. */
  code?: string;
  headers?: Record<string, string>;
  body: object;
}

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure";

const BY_CODE = new Map(FCM_CODES.map((known) => [known.code, known]));

/** The limits that a quota can be of, as a `QuotaFailure` words them. */
const QUOTA_VIOLATIONS = {
  device: { subject: "device:token", description: "Device message rate exceeded" },
  project: { subject: "project:messages", description: "Project message quota exceeded: messages per minute" },
};

/** A refusal as FCM words it: with an `FcmError` where the code is one of FCM's. A refused token names its field too. */
export function fcmError({ status, code, headers = {}, quota }: Refusal): FcmAnswer {
  // A code that FCM has only from tomorrow on is one of its own.
  const { rpcStatus, message, hasFcmError } = BY_CODE.get(code) ?? {
    rpcStatus: code,
    message: code,
    hasFcmError: true,
  };
  if (!hasFcmError) return { ...googleError(status, rpcStatus, message), headers };
  const fieldViolations = [{ field: "message.token", description: message }];
  const details = [
    { "@type": FCM_ERROR, errorCode: code },
    ...(code === "INVALID_ARGUMENT" ? [{ "@type": BAD_REQUEST, fieldViolations }] : []),
    ...(quota ? [{ "@type": QUOTA_FAILURE, violations: [QUOTA_VIOLATIONS[quota]] }] : []),
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
  const error = { code: 400, message, status: "INVALID_ARGUMENT", details };
  return { status: 400, code: "INVALID_ARGUMENT", body: { error } };
}

/** An error of Google's front end, before FCM: without `FcmError`. */
export function googleError(status: number, rpcStatus: string, message: string): FcmAnswer {
  return { status, code: rpcStatus, body: { error: { code: status, message, status: rpcStatus } } };
}
