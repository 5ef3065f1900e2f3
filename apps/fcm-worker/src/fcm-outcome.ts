import { type ProviderReply, parseRetryAfter } from "@fanfare/delivery";
import type { Blame, DeliveryOutcome } from "@fanfare/domain";
import { z } from "zod";

/** What one error of FCM means and what is to be done about it. */
export interface FcmRule {
  status: number;
  /** `FcmError.errorCode`, or, where there is none, the status of the google.rpc error. */
  errorCode: string;
  /** In plain words. */
  meaning: string;
  /** Whom to blame for a rejection; `retry`: nobody, try again. */
  verdict: Blame | "retry";
  /** What is to be done about it; absent where the sender can do nothing, or nothing in particular. */
  advice?: string;
  /** Of what is tried again: no sooner than so, and twice as late each time; in milliseconds. */
  backoffMs?: number;
}

const rule = (status: number, errorCode: string, verdict: Blame, meaning: string, advice?: string): FcmRule => ({
  ...{ status, errorCode, verdict, meaning },
  ...(advice !== undefined && { advice }),
});

const retry = (status: number, errorCode: string, backoffMs: number, meaning: string): FcmRule => ({
  status,
  errorCode,
  verdict: "retry",
  meaning,
  backoffMs,
});

/**
 * No request that failed is made again sooner ("Best practices when sending FCM messages at scale",
 * https://firebase.google.com/docs/cloud-messaging/scale-fcm, section "Handling retries"); in milliseconds.
 */
const FAILURE_BACKOFF_MS = 10_000;

/** Nor, by the same section and by that on QUOTA_EXCEEDED of "ErrorCode", one that was too many and was not told when. */
const QUOTA_BACKOFF_MS = 60_000;

/** Errors that carry an FcmError (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode). */
export const FCM_RULES: readonly FcmRule[] = [
  rule(400, "INVALID_ARGUMENT", "request", "A field of the message is not valid."),
  rule(
    401,
    "THIRD_PARTY_AUTH_ERROR",
    "credential",
    "The APNs key or web push key in the Firebase project is wrong.",
    "Mend that key in the Firebase console (project settings, Cloud Messaging).",
  ),
  rule(403, "SENDER_ID_MISMATCH", "token", "The device token belongs to another Firebase project."),
  rule(404, "UNREGISTERED", "token", "The app was removed from the device, or its token has expired."),
  rule(404, "UNREGISTERED_FID", "token", "The app instance is no longer registered."),
  retry(429, "QUOTA_EXCEEDED", QUOTA_BACKOFF_MS, "Too many messages, to this device or in this project."),
  retry(500, "INTERNAL", FAILURE_BACKOFF_MS, "FCM had an internal error."),
  retry(503, "UNAVAILABLE", FAILURE_BACKOFF_MS, "FCM is overloaded."),
];

/** Errors without an FcmError: the request did not get as far as FCM itself. */
export const GOOGLE_RULES: readonly FcmRule[] = [
  rule(
    401,
    "UNAUTHENTICATED",
    "credential",
    "The access token was refused.",
    "Look whether the service account is still there and this machine's clock is right; otherwise change the credential.",
  ),
  rule(
    403,
    "PERMISSION_DENIED",
    "credential",
    "The service account may not send in this project.",
    "Enable the Firebase Cloud Messaging API in the project and give the service account a role with cloudmessaging.messages.create, or change the credential to a service account of that project.",
  ),
  rule(
    404,
    "NOT_FOUND",
    "credential",
    "There is no such project.",
    "Look at its project_id: the project was deleted, or its id is mistyped; change the credential.",
  ),
];

/** Errors after which no other credential would reach the device. */
const GONE = new Set(["UNREGISTERED", "UNREGISTERED_FID"]);

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure";

const errorBodySchema = z.object({
  error: z.object({
    status: z.string().optional(),
    message: z.string().optional(),
    details: z
      .array(
        z.object({
          "@type": z.string(),
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.object({ field: z.string().optional() })).optional(),
          violations: z.array(z.object({ subject: z.string().optional() })).optional(),
        }),
      )
      .optional(),
  }),
});

/** A reply of FCM as an outcome. Decided on codes and fields, never on the words of a message. */
export function toFcmOutcome(reply: ProviderReply, now: Date): DeliveryOutcome {
  if (reply.kind === "unknown") {
    return { kind: "unknown", code: reply.code, backoffMs: FAILURE_BACKOFF_MS, detail: "FCM did not answer." };
  }
  const { status: httpStatus } = reply;
  if (httpStatus === 200) return { kind: "accepted", providerMessageId: readMessageName(reply.body), httpStatus };
  const body = readJson(errorBodySchema, reply.body);
  const { code, rule: known, hasFcmError, invalidToken, isProjectQuota } = classify(httpStatus, body?.error);
  const verdict = invalidToken ? "token" : (known?.verdict ?? defaultVerdict(httpStatus, hasFcmError));
  const advice = (known ?? (verdict === "credential" ? googleRule(httpStatus) : undefined))?.advice;
  const detail = describe(known, body?.error.message, code, httpStatus);
  const base = { code, httpStatus, detail, ...(advice !== undefined && { advice }) };
  const retryAfterMs = parseRetryAfter(reply.headers["retry-after"], now);
  const retryAfter = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (verdict === "retry") {
    // Of a 429 the time that it names is the whole of what Google wants, unless that is none; a failure is backed off from besides.
    const isTold = httpStatus === 429 && (retryAfterMs ?? 0) > 0;
    const backoff = isTold ? {} : { backoffMs: known?.backoffMs ?? defaultBackoffMs(httpStatus) };
    return { kind: "retry", ...base, ...retryAfter, ...backoff, ...(isProjectQuota && { throttlesCredential: true }) };
  }
  const gone = verdict === "token" && GONE.has(code) ? { tokenIsGone: true } : {};
  return { kind: "rejected", blame: verdict, ...base, ...retryAfter, ...gone };
}

function classify(httpStatus: number, error: z.infer<typeof errorBodySchema>["error"] | undefined) {
  const details = error?.details ?? [];
  const fcmCode = details.find((detail) => detail["@type"] === FCM_ERROR)?.errorCode;
  const code = fcmCode ?? error?.status ?? `HTTP_${httpStatus}`;
  const rules = fcmCode === undefined ? GOOGLE_RULES : FCM_RULES;
  const rule = rules.find((candidate) => candidate.status === httpStatus && candidate.errorCode === code);
  const violations = details.find((detail) => detail["@type"] === BAD_REQUEST)?.fieldViolations ?? [];
  const invalidToken = httpStatus === 400 && violations.some(({ field }) => field === "message.token");
  const quotas = details.find((detail) => detail["@type"] === QUOTA_FAILURE)?.violations ?? [];
  const isProjectQuota = quotas.some(({ subject }) => subject?.startsWith("project"));
  return { code, rule, hasFcmError: fcmCode !== undefined, invalidToken, isProjectQuota };
}

function defaultVerdict(httpStatus: number, hasFcmError: boolean): FcmRule["verdict"] {
  // Whatever the front end says besides: who asks, or for which project, is wrong.
  if (!hasFcmError && googleRule(httpStatus)) return "credential";
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429 ? "request" : "retry";
}

const googleRule = (httpStatus: number) => GOOGLE_RULES.find(({ status }) => status === httpStatus);

const defaultBackoffMs = (httpStatus: number) => (httpStatus === 429 ? QUOTA_BACKOFF_MS : FAILURE_BACKOFF_MS);

function describe(known: FcmRule | undefined, message: string | undefined, code: string, httpStatus: number): string {
  const meaning = known?.meaning ?? `FCM answered ${httpStatus} ${code}.`;
  return message ? `${meaning} FCM says: ${message}` : meaning;
}

const acceptedSchema = z.object({ name: z.string() });

/** `projects/<project>/messages/<id>`; empty when an accepting answer was cut off, which takes nothing back. */
function readMessageName(body: Buffer): string {
  return readJson(acceptedSchema, body)?.name ?? "";
}

function readJson<Schema extends z.ZodType>(schema: Schema, body: Buffer): z.infer<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch {
    // HTML of a front end, an empty or cut-off body: the status alone decides.
    return undefined;
  }
}
