import { createPrivateKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { CredentialType } from "./app.js";

/** Bytes of a credential's content: the largest of them, a service account, has about 2,400. */
export const CREDENTIAL_MAX_BYTES = 16_384;

const APPLE_ID = /^[A-Z0-9]{10}$/;

// The parser's own messages may quote the key: none of them gets into an answer.
function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

const rsaKey = z
  .string()
  .min(1)
  .refine((pem) => readKey(pem)?.asymmetricKeyType === "rsa", "is not an RSA private key in PEM form");

const p256Key = z
  .string()
  .min(1)
  .refine(
    (pem) => readKey(pem)?.asymmetricKeyDetails?.namedCurve === "prime256v1",
    "is not a P-256 private key in PEM form (the .p8 file from Apple)",
  );

/**
 * A Google service account as the Firebase console hands it out
 * (https://firebase.google.com/docs/cloud-messaging/auth-server). Fields that nobody needs are left out;
 * so is `token_uri`: where tokens come from is the operator's to say, or a tenant could make workers call any address.
 */
export const fcmContentSchema = z.object({
  type: z.literal("service_account", { error: 'must be "service_account"' }).optional(),
  project_id: z.string().min(1).max(256),
  client_email: z.string().min(1).max(256),
  private_key: rsaKey,
  private_key_id: z.string().max(256).optional(),
});
/** See {@link fcmContentSchema}. */
export type FcmContent = z.infer<typeof fcmContentSchema>;

/** A signing key of an Apple developer team (Apple, "Establishing a token-based connection to APNs"). */
export const apnContentSchema = z.strictObject({
  /** The .p8 file, PEM. */
  key: p256Key,
  keyId: z.string().regex(APPLE_ID, "must be 10 capital letters or digits"),
  teamId: z.string().regex(APPLE_ID, "must be 10 capital letters or digits"),
  /** The app's bundle id: what pushes are sent under. */
  bundleId: z
    .string()
    .min(1)
    .max(155)
    .regex(/^[A-Za-z0-9.-]+$/, "may contain only letters, digits, . and -"),
});
/** See {@link apnContentSchema}. */
export type ApnContent = z.infer<typeof apnContentSchema>;

/** The content of a credential, by its type. */
export type CredentialContent =
  | { type: "FCM"; content: FcmContent }
  | { type: "APN" | "APN_SANDBOX"; content: ApnContent };

/** The schema of a type's content. */
export function contentSchemaOf(type: CredentialType) {
  return type === "FCM" ? fcmContentSchema : apnContentSchema;
}

/** The same of what is stored: what a newer release has added is ignored. */
export function storedContentSchemaOf(type: CredentialType) {
  return type === "FCM" ? fcmContentSchema : z.object(apnContentSchema.shape);
}
