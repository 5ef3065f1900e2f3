import { z } from "zod";

/** What an API key may be used for. `admin` manages apps, credentials and keys. */
export const scopeSchema = z.enum(["send", "read", "admin"]);
/** See {@link scopeSchema}. */
export type Scope = z.infer<typeof scopeSchema>;

/** Whether an account may be used. */
export const accountStatusSchema = z.enum(["ACTIVE", "SUSPENDED"]);

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}]+$/u, "must not contain control, format, private or unassigned characters, nor lone surrogates");

/** The name that a person gave to something. */
export const displayNameSchema = nameSchema;

/** An account as the API shows it: never its token. */
export const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: accountStatusSchema,
  /** Until when the token before the present one works; null when it does not. */
  previousAuthTokenValidUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** See {@link accountSchema}. */
export type AccountResource = z.infer<typeof accountSchema>;

/** An account whose auth token was just made: the only time it is shown. */
export const accountWithTokenSchema = accountSchema.extend({ authToken: z.string() });

/** An API key as the API shows it: never its secret. */
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scopeSchema),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
/** See {@link apiKeySchema}. */
export type ApiKeyResource = z.infer<typeof apiKeySchema>;

/** An API key that was just made: the only time its secret is shown. */
export const apiKeyWithSecretSchema = apiKeySchema.extend({ secret: z.string() });

/** What was done to accounts, keys, apps and credentials. */
export const auditActionSchema = z.enum([
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
]);
/** See {@link auditActionSchema}. */
export type AuditAction = z.infer<typeof auditActionSchema>;

/** One entry of the audit log. */
export const auditEventSchema = z.object({
  id: z.string(),
  accountId: z.string().nullable(),
  /** Who did it: an account's id, an API key's id, `admin`, or `environment`. */
  actor: z.string(),
  action: auditActionSchema,
  /** The id or name of what it was done to. */
  target: z.string(),
  /** Address that the request came from; null when there was none. */
  address: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
/** See {@link auditEventSchema}. */
export type AuditEventResource = z.infer<typeof auditEventSchema>;
