import { z } from "zod";
import { parseId } from "./ids.js";
import { credentialTypeSchema } from "./provider.js";

/** The name of an app: a namespace of an account. */
export const appNameSchema = z
  .string()
  .regex(/^[a-z0-9_]{1,64}$/, "must be 1 to 64 of lower-case letters, digits and _");

/** The id of a credential as callers spell it; its UUID inside. */
export const credentialIdSchema = z.string().transform((id, context) => {
  const uuid = parseId("credential", id);
  if (!uuid) context.addIssue({ code: "custom", message: "is not the id of a credential" });
  return uuid ?? z.NEVER;
});

/**
 * What is done when no answer came after a push was sent, so that it may have been delivered: `resend` it, with the id
 * that lets a device show it once, or `fail` the notification.
 */
export const onUnknownSchema = z.enum(["resend", "fail"]);
/** See {@link onUnknownSchema}. */
export type OnUnknown = z.infer<typeof onUnknownSchema>;

/** An app as the API shows it. */
export const appSchema = z.object({
  name: z.string(),
  isDefault: z.boolean(),
  /** Whether devices report what they were shown. */
  expectsReceipts: z.boolean(),
  onUnknown: onUnknownSchema,
  defaultCredentials: z.array(z.object({ id: z.string(), credentialType: credentialTypeSchema })),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** See {@link appSchema}. */
export type AppResource = z.infer<typeof appSchema>;

/** A credential as the API shows it: never its content. */
export const credentialSchema = z.object({
  id: z.string(),
  credentialType: credentialTypeSchema,
  isDefault: z.boolean(),
  appName: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** See {@link credentialSchema}. */
export type CredentialResource = z.infer<typeof credentialSchema>;

/** Parts of a credential that a provider may find wrong. */
export const credentialPartSchema = z.enum([
  "key",
  "keyId",
  "teamId",
  "bundleId",
  "environment",
  "projectId",
  "permission",
]);
/** See {@link credentialPartSchema}. */
export type CredentialPart = z.infer<typeof credentialPartSchema>;

/** What a provider said of a credential when it was asked to push to a token that can not exist. */
export const verificationSchema = z.object({
  /** `VALID`: the provider found nothing wrong but the token. `UNKNOWN`: it could not be asked. */
  status: z.enum(["VALID", "INVALID", "UNKNOWN"]),
  /** What may be wrong; empty unless INVALID. Where a provider does not tell parts apart, all of them are named. */
  wrong: z.array(credentialPartSchema),
  /** The provider's own code, or Fanfare's where it gave none. */
  providerCode: z.string().nullable(),
  detail: z.string(),
});
/** See {@link verificationSchema}. */
export type Verification = z.infer<typeof verificationSchema>;
