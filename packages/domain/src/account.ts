import { z } from "zod";
import { EXAMPLE } from "./example-story.js";
import { shownId, shownIdOrNull, shownTime, shownTimeOrNull } from "./shown-fields.js";

/** What an API key may be used for. */
export const scopeSchema = z.enum(["send", "read", "admin"]).meta({
  description:
    "What it may be used for. `send`: to send, to cancel, and to register and forget devices and users. `read`: to look at all of that, at apps and at credentials. `admin`: to manage apps, credentials, API keys and the auth token, and to read the audit log. None includes another.",
});
/** See {@link scopeSchema}. */
export type Scope = z.infer<typeof scopeSchema>;

/** Whether an account may be used. */
export const accountStatusSchema = z.enum(["ACTIVE", "SUSPENDED"]).meta({
  description:
    "`ACTIVE`: its auth tokens and API keys are taken. `SUSPENDED`: they are not; what it has sent is still delivered.",
});

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}]+$/u, "must not contain control, format, private or unassigned characters, nor lone surrogates")
  .meta({ description: "Name for people to read. White space around it is dropped.", examples: ["Airline"] });

const secretOf = (description: string) =>
  z.string().meta({ description: `${description} It is shown this once.`, examples: ["(64 hexadecimal digits)"] });

const shownName = (example: string) =>
  z.string().meta({ description: "Name for people to read.", examples: [example] });

/** The name that a person gave to something. */
export const displayNameSchema = nameSchema;

/** An account as the API shows it: never its token. */
export const accountSchema = z.object({
  id: shownId("account"),
  name: shownName("Airline"),
  status: accountStatusSchema,
  previousAuthTokenValidUntil: shownTimeOrNull(
    "Until when the auth token before the present one works beside it; null: there is only one that works.",
  ),
  createdAt: shownTime("When it was made.", "setUp"),
  updatedAt: shownTime("When its name, status or auth token changed last.", "setUp"),
});
/** See {@link accountSchema}. */
export type AccountResource = z.infer<typeof accountSchema>;

/** An account whose auth token was just made: the only time it is shown. */
export const accountWithTokenSchema = accountSchema.extend({
  authToken: secretOf("The new auth token, the password of HTTP Basic: 64 hexadecimal digits."),
});

/** An API key as the API shows it: never its secret. */
export const apiKeySchema = z.object({
  id: shownId("apiKey"),
  name: shownName("Check-in backend"),
  scopes: z.array(scopeSchema).meta({ description: "What it may be used for.", examples: [["send", "read"]] }),
  createdAt: shownTime("When it was made.", "setUp"),
  revokedAt: shownTimeOrNull("When it was revoked, for good; null: it may be used."),
});
/** See {@link apiKeySchema}. */
export type ApiKeyResource = z.infer<typeof apiKeySchema>;

/** An API key that was just made: the only time its secret is shown. */
export const apiKeyWithSecretSchema = apiKeySchema.extend({
  secret: secretOf("The key's secret, the password of HTTP Basic: 64 hexadecimal digits."),
});

/** What was done to accounts, keys, apps and credentials. */
export const auditActionSchema = z
  .enum([
    "account.created",
    "account.updated",
    "account.suspended",
    "account.resumed",
    "account.token-rotated",
    "api-key.created",
    "api-key.revoked",
    "app.updated",
    "credential.created",
    "credential.updated",
    "credential.deleted",
    "master-key.rotated",
    "operation.redriven",
  ])
  .meta({
    description:
      "What was done. `account.updated`: it was renamed. `account.token-rotated`: it got a new auth token. `master-key.rotated`: what credentials are encrypted with was changed. `operation.redriven`: what had failed of an operation was queued again. The others say it.",
  });
/** See {@link auditActionSchema}. */
export type AuditAction = z.infer<typeof auditActionSchema>;

/** One entry of the audit log. */
export const auditEventSchema = z.object({
  id: shownId("event"),
  accountId: shownIdOrNull("account", "The account that it was done to or in; null: the installation as a whole."),
  actor: z.string().meta({
    description:
      "Who did it: the id of an account or of an API key, `admin` for the operator, or `environment` for the settings.",
    examples: [EXAMPLE.ids.account],
  }),
  action: auditActionSchema.meta({ examples: ["credential.created"] }),
  target: z
    .string()
    .meta({ description: "The id or name of what it was done to.", examples: [EXAMPLE.ids.credential] }),
  address: z
    .string()
    .nullable()
    .meta({
      description: "IP address that the request came from; null when there was no request.",
      examples: ["203.0.113.7"],
    }),
  createdAt: shownTime("When it was done.", "setUp"),
});
/** See {@link auditEventSchema}. */
export type AuditEventResource = z.infer<typeof auditEventSchema>;
