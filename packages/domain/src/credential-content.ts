import { z } from "zod";
import { canonicalKey, type KeyKind } from "./private-key.js";
import {
  CREDENTIAL_PROVIDERS,
  type CredentialType,
  type CredentialTypeOf,
  type PerProvider,
  type Provider,
} from "./provider.js";

/** Bytes of a credential's content: the largest of them, a service account, has about 2,400. */
export const CREDENTIAL_MAX_BYTES = 16_384;

const appleId = (description: string, example: string) =>
  z
    .string()
    .regex(/^[A-Z0-9]{10}$/, "must be 10 capital letters or digits")
    .meta({ description, examples: [example] });

/** A key as text in any form; what is read is its canonical one. */
const keyText = (kind: KeyKind) =>
  z
    .string()
    .min(1)
    .transform((text, ctx) => {
      const read = canonicalKey(kind, text);
      if ("pem" in read) return read.pem;
      ctx.addIssue({ code: "custom", message: read.problem });
      return z.NEVER;
    });

/** What Google's tools write beside service accounts, told apart because it is so often given instead. */
const OTHER_ACCOUNTS = ["authorized_user", "external_account", "impersonated_service_account"];

function wrongType({ input }: { input?: unknown }): string {
  const other = OTHER_ACCOUNTS.find((type) => type === input);
  return other ? `must be "service_account", not "${other}"` : 'must be "service_account"';
}

/** A project's id, also one of a domain (`example.com:airline`), or its number: it is a segment of a path. */
const PROJECT_ID = /^[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?$/;

/**
 * A Google service account as the Firebase console hands it out
 * (https://firebase.google.com/docs/cloud-messaging/auth-server). Fields that nobody needs are left out;
 * so is `token_uri`: where tokens come from is the operator's to say, or a tenant could make workers call any address.
 */
export const fcmContentSchema = z.object({
  type: z.literal("service_account", { error: wrongType }).meta({ description: "Kind of the key file." }).optional(),
  project_id: z
    .string()
    .min(1)
    .max(256)
    .regex(PROJECT_ID, "is not the id of a project")
    .meta({ description: "The Firebase project's id, or its number.", examples: ["airline-example"] }),
  client_email: z
    .string()
    .min(1)
    .max(256)
    .meta({
      description: "The service account's address.",
      examples: ["push@airline-example.iam.gserviceaccount.com"],
    }),
  private_key: keyText("rsa").meta({
    description: "The service account's RSA key.",
    examples: ["-----BEGIN PRIVATE KEY-----\nMIIE…\n-----END PRIVATE KEY-----\n"],
  }),
  private_key_id: z
    .string()
    .max(256)
    .meta({ description: "Which of the service account's keys it is.", examples: ["example-key-id"] })
    .optional(),
});
/** See {@link fcmContentSchema}. */
export type FcmContent = z.infer<typeof fcmContentSchema>;

/** A signing key of an Apple developer team (Apple, "Establishing a token-based connection to APNs"). */
export const apnContentSchema = z.strictObject({
  key: keyText("p256").meta({
    description: "The .p8 file: an EC key of the curve P-256.",
    examples: ["-----BEGIN PRIVATE KEY-----\nMIGT…\n-----END PRIVATE KEY-----\n"],
  }),
  keyId: appleId("Apple's id of the key.", "ABCDEFGHIJ"),
  teamId: appleId("Id of the developer team that the key belongs to.", "KLMNOPQRST"),
  bundleId: z
    .string()
    .min(1)
    .max(155)
    .regex(/^[A-Za-z0-9.-]+$/, "may contain only letters, digits, . and -")
    .meta({ description: "The app's bundle id: what pushes are sent under.", examples: ["com.example.airline"] }),
});
/** See {@link apnContentSchema}. */
export type ApnContent = z.infer<typeof apnContentSchema>;

/** What the credentials of each provider consist of. */
const CONTENT_SCHEMAS = { FCM: fcmContentSchema, APN: apnContentSchema } as const satisfies PerProvider<z.ZodType>;

/** The content of a provider's credentials, by their type. */
export type CredentialContentOf<Of extends Provider> = {
  [One in Of]: { type: CredentialTypeOf<One>; content: z.infer<(typeof CONTENT_SCHEMAS)[One]> };
}[Of];
/** The content of a credential, by its type. */
export type CredentialContent = CredentialContentOf<Provider>;

/** The schema of a type's content. */
export const contentSchemaOf = (type: CredentialType) => CONTENT_SCHEMAS[CREDENTIAL_PROVIDERS[type]];

/**
 * The same of what is stored: what a newer release has added is ignored, and what an older release took is taken: a key in the form that
 * it was given in, and any project.
 */
export const storedContentSchemaOf = (type: CredentialType) => STORED_SCHEMAS[CREDENTIAL_PROVIDERS[type]];

const STORED_SCHEMAS = {
  FCM: z.object({ ...fcmContentSchema.shape, project_id: z.string(), private_key: z.string() }),
  APN: z.object({ ...apnContentSchema.shape, key: z.string() }),
} as const satisfies PerProvider<z.ZodType>;
