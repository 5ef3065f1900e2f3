import { z } from "zod";
import { EXAMPLE } from "./example-story.js";
import { parseId } from "./ids.js";
import { credentialTypeSchema } from "./provider.js";
import { shownAppName, shownId, shownTime } from "./shown-fields.js";

/** The name of an app: a namespace of an account. */
export const appNameSchema = z
  .string()
  .regex(/^[a-z0-9_]{1,64}$/, "must be 1 to 64 of lower-case letters, digits and _")
  .meta({ description: "Name of an app, a namespace of the account.", examples: [EXAMPLE.appName] });

/** The id of a credential as callers spell it; its UUID inside. */
export const credentialIdSchema = z.string().transform((id, context) => {
  const uuid = parseId("credential", id);
  if (!uuid) context.addIssue({ code: "custom", message: "is not the id of a credential" });
  return uuid ?? z.NEVER;
});

/** What is done when it is not known whether a push was delivered. */
export const onUnknownSchema = z.enum(["resend", "fail"]).meta({
  description:
    "What is done when no answer came after a push was sent, so that it may have been delivered. `resend`: it is sent again, with the id that lets a device show it once. `fail`: the notification is `FAILED`.",
});
/** See {@link onUnknownSchema}. */
export type OnUnknown = z.infer<typeof onUnknownSchema>;

/** An app as the API shows it. */
export const appSchema = z.object({
  name: shownAppName("Name of the app."),
  isDefault: z.boolean().meta({ description: "Whether it is what requests without `from` are sent with." }),
  onUnknown: onUnknownSchema,
  defaultCredentials: z.array(z.object({ id: shownId("credential"), credentialType: credentialTypeSchema })).meta({
    description: "The credentials that requests which name the app are sent with, at most one of a type.",
    examples: [
      [
        { id: EXAMPLE.ids.credential, credentialType: "FCM" },
        { id: EXAMPLE.credentials.APN, credentialType: "APN" },
      ],
    ],
  }),
  createdAt: shownTime("When it was made.", "setUp"),
  updatedAt: shownTime("When it was changed last; its credentials have a time of their own.", "setUp"),
});
/** See {@link appSchema}. */
export type AppResource = z.infer<typeof appSchema>;

/** A credential as the API shows it: never its content. */
export const credentialSchema = z.object({
  id: shownId("credential"),
  credentialType: credentialTypeSchema,
  isDefault: z.boolean().meta({ description: "Whether it is its app's default among the credentials of its type." }),
  appName: shownAppName(),
  createdAt: shownTime("When it was stored.", "setUp"),
  updatedAt: shownTime("When it was changed last.", "setUp"),
});
/** See {@link credentialSchema}. */
export type CredentialResource = z.infer<typeof credentialSchema>;

/** Parts of a credential that a provider may find wrong. */
export const credentialPartSchema = z
  .enum(["key", "keyId", "teamId", "bundleId", "environment", "projectId", "permission"])
  .meta({
    description:
      "A part of the credential. `environment`: production or sandbox. `permission`: what the service account may do. The others are fields of its content.",
  });
/** See {@link credentialPartSchema}. */
export type CredentialPart = z.infer<typeof credentialPartSchema>;

/** What a provider said of a credential when it was asked to push to a token that can not exist. */
export const verificationSchema = z
  .object({
    status: z.enum(["VALID", "INVALID", "UNKNOWN"]).meta({
      description:
        "`VALID`: the provider found nothing wrong but the device token. `INVALID`: it refused the credential. `UNKNOWN`: it could not be asked, or its answer says nothing of the credential.",
    }),
    wrong: z.array(credentialPartSchema).meta({
      description:
        "What may be wrong; empty unless `INVALID`. Where a provider does not tell parts apart, all of them are named.",
    }),
    providerCode: z
      .string()
      .nullable()
      .meta({
        description: "The provider's code, or Fanfare's own where the provider gave none; null where there is neither.",
        examples: ["INVALID_ARGUMENT"],
      }),
    detail: z.string().meta({
      description: "The same in words, the provider's own where it had any.",
      examples: ["The provider token is not valid."],
    }),
  })
  .meta({
    examples: [
      {
        status: "VALID",
        wrong: [],
        providerCode: "INVALID_ARGUMENT",
        detail: "FCM took the service account, and found nothing wrong but the device token, which does not exist.",
      },
    ],
  });
/** See {@link verificationSchema}. */
export type Verification = z.infer<typeof verificationSchema>;
