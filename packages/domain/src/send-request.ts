import { z } from "zod";
import { appNameSchema, credentialIdSchema } from "./app.js";
import type { FieldProblem } from "./app-error.js";
import { contentSizeProblems } from "./content-size.js";
import { countValues } from "./count-values.js";
import { EXAMPLE } from "./example-story.js";
import { formedAs, givenAs } from "./given-as.js";
import { PROVIDER_TRAITS, type ProviderField, perProviderField } from "./provider.js";
import { pushMessageSchema } from "./push-message.js";
import { pushTypeProblems } from "./push-type.js";
import { readRecipients } from "./read-recipients.js";
import { recipientSchema } from "./recipient.js";
import { tagsSchema } from "./tags.js";

/** Recipients of one request. */
export const RECIPIENTS_MAX = 10_000;

/** How far ahead a send may be scheduled, in milliseconds. */
const SCHEDULE_MAX_MS = 30 * 86_400_000;

const namedCredentials = perProviderField((provider) =>
  credentialIdSchema
    .meta({
      description: `Id of a credential for ${PROVIDER_TRAITS[provider].name}.`,
      ...givenAs(EXAMPLE.credentials[provider]),
    })
    .optional(),
);
const FIELDS = Object.keys(namedCredentials) as ProviderField[];

/** What a request is sent with: an app and its default credentials, or credentials by name. */
export const fromSchema = z
  .strictObject({
    appName: appNameSchema.meta({ description: "The app, with its default credentials." }).optional(),
    ...namedCredentials,
  })
  .refine(
    ({ appName, ...credentials }) =>
      (appName !== undefined) !== FIELDS.some((field) => credentials[field] !== undefined),
    `must have either appName, or one or more of ${FIELDS.join(", ")}`,
  )
  .meta({
    description: `What it is sent with: either an app, with its default credentials, or credentials of one app by their ids (${FIELDS.map((field) => `\`${field}\``).join(", ")}). Absent: the account's default app.`,
    ...formedAs(
      {
        oneOf: [
          { title: "App", required: ["appName"], properties: perProviderField(() => false) },
          {
            title: "Credentials",
            anyOf: FIELDS.map((field) => ({ title: `With ${field}`, required: [field] })),
            properties: { appName: false },
          },
        ],
      },
      { appName: EXAMPLE.appName },
    ),
  });

const scheduleSchema = z
  .strictObject({
    // See `checkSendAt`.
    sendAt: z.iso.datetime({ offset: true }).meta({
      description: "When it is sent (RFC 3339, with `Z` or an offset): in the future, at most 30 days ahead.",
      examples: ["2026-04-05T06:20:00Z"],
    }),
  })
  .meta({ description: "Puts the send off. Absent: it is sent at once." });

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
    to: z
      .array(recipientSchema)
      .min(1)
      .max(RECIPIENTS_MAX)
      .meta({
        description:
          "The recipients. An address that is there twice is sent to once; the other is listed among the operation's errors.",
        ...givenAs([
          { provider: "FCM", token: EXAMPLE.fcmToken, variables: { name: "Ada" }, locale: "de-AT" },
          { provider: "APN", token: EXAMPLE.apnToken },
          { userId: EXAMPLE.ids.pushnotificationuser },
        ]),
      }),
    ...pushMessageSchema.shape,
    from: fromSchema.optional(),
    schedule: scheduleSchema.optional(),
    tags: tagsSchema.default({}),
  })
  .superRefine((request, context) => {
    for (const problem of [...pushTypeProblems(request), ...contentSizeProblems(request)]) {
      context.addIssue({ code: "custom", ...problem });
    }
  });
/** See {@link sendRequestSchema}. */
export type SendRequest = z.infer<typeof sendRequestSchema>;

/** A recipient of whom there is nothing to say. */
const ANYBODY = { provider: "FCM", token: "-" };

/**
 * What {@link sendRequestSchema} makes of a parsed JSON body, at a fraction of its cost for many recipients; `undefined`
 * when the body is not valid: what is wrong with it the schema says, of {@link withoutFlawless}.
 */
export function readSendRequest(body: unknown): SendRequest | undefined {
  if (!hasRecipients(body) || body.to.length < 1 || body.to.length > RECIPIENTS_MAX) return undefined;
  const { data } = sendRequestSchema.safeParse({ ...body, to: [ANYBODY] });
  const to = data && readRecipients(body.to);
  return to && { ...data, to };
}

/** Recipients of which it is asked what is wrong, one more than an answer has room for, and what they may be of values together. */
const EXPLAINED_MAX = 101;
const EXPLAINED_VALUES_MAX = 1_000;

/**
 * A body that is not valid with so much of its recipients as there is to say of it: the first ones that are not valid stand in their
 * places, and nobody who would take long to look at in the others.
 */
export function withoutFlawless(body: unknown): unknown {
  if (!hasRecipients(body) || body.to.length > RECIPIENTS_MAX) return body;
  const to: unknown[] = [];
  let explained = 0;
  let values = 0;
  for (const [index, recipient] of body.to.entries()) {
    if (readRecipients([recipient])) continue;
    while (to.length < index) to.push(ANYBODY);
    to.push(recipient);
    explained += 1;
    values += countValues(recipient, EXPLAINED_VALUES_MAX);
    if (explained === EXPLAINED_MAX || values > EXPLAINED_VALUES_MAX) break;
  }
  return { ...body, to: to.length === 0 && body.to.length > 0 ? [ANYBODY] : to };
}

function hasRecipients(body: unknown): body is { to: unknown[] } {
  return typeof body === "object" && body !== null && "to" in body && Array.isArray(body.to);
}
