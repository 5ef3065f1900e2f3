import { z } from "zod";
import { appNameSchema, credentialIdSchema } from "./app.js";
import type { FieldProblem } from "./app-error.js";
import { pushMessageSchema, tagsSchema } from "./push-message.js";
import { pushTypeProblems } from "./push-type.js";
import { readRecipients } from "./read-recipients.js";
import { recipientSchema } from "./recipient.js";

/** Recipients of one request. */
export const RECIPIENTS_MAX = 10_000;

/** How far ahead a send may be scheduled, in milliseconds. */
const SCHEDULE_MAX_MS = 30 * 86_400_000;

/** What a request is sent with: an app and its default credentials, or credentials by name. */
export const fromSchema = z
  .strictObject({
    appName: appNameSchema.optional(),
    fcm: credentialIdSchema.optional(),
    apn: credentialIdSchema.optional(),
  })
  .refine(
    ({ appName, fcm, apn }) => (appName !== undefined) !== ((fcm ?? apn) !== undefined),
    "must have either appName, or fcm or apn or both",
  );

const scheduleSchema = z.strictObject({
  /** When it is sent: see {@link checkSendAt}. */
  sendAt: z.iso.datetime({ offset: true }),
});

/**
 * What is wrong with the time of a schedule: it must lie ahead, by 30 days at most. No part of the schema, since a
 * request that is repeated has the same answer also when its time has come meanwhile.
 */
export function checkSendAt({ schedule }: Pick<SendRequest, "schedule">, nowMs: number): FieldProblem[] {
  const aheadMs = schedule ? Date.parse(schedule.sendAt) - nowMs : 1;
  if (aheadMs > 0 && aheadMs <= SCHEDULE_MAX_MS) return [];
  const detail = aheadMs > 0 ? "must be at most 30 days ahead" : "must lie in the future";
  return [{ pointer: "/schedule/sendAt", code: "invalid-time", detail }];
}

/** The body of `POST /v1/PushNotifications`. */
export const sendRequestSchema = z
  .strictObject({
    to: z.array(recipientSchema).min(1).max(RECIPIENTS_MAX),
    ...pushMessageSchema.shape,
    from: fromSchema.optional(),
    schedule: scheduleSchema.optional(),
    tags: tagsSchema.default({}),
  })
  .superRefine((request, context) => {
    for (const problem of pushTypeProblems(request)) context.addIssue({ code: "custom", ...problem });
  });
/** See {@link sendRequestSchema}. */
export type SendRequest = z.infer<typeof sendRequestSchema>;

/** Stands for the recipients while the rest is checked. */
const ANYBODY = [{ provider: "FCM", token: "-" }];

/**
 * What {@link sendRequestSchema} makes of a parsed JSON body, at a fraction of its cost for many recipients; `undefined`
 * when the body is not valid: what is wrong with it the schema says.
 */
export function readSendRequest(body: unknown): SendRequest | undefined {
  if (typeof body !== "object" || body === null || !("to" in body) || !Array.isArray(body.to)) return undefined;
  if (body.to.length < 1 || body.to.length > RECIPIENTS_MAX) return undefined;
  const to = readRecipients(body.to);
  if (!to) return undefined;
  const { success, data } = sendRequestSchema.safeParse({ ...body, to: ANYBODY });
  return success ? { ...data, to } : undefined;
}
