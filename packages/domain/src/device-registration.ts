import { z } from "zod";
import { appNameSchema } from "./app.js";
import { EXAMPLE } from "./example-story.js";
import { providerSchema } from "./provider.js";
import { recipientAddressSchema, userIdSchema } from "./recipient.js";
import { shownAppName, shownId, shownTime, shownToken } from "./shown-fields.js";

/** Devices of one request. */
export const DEVICES_MAX = 50;

/** The body of `POST /v1/PushNotifications/DeviceRegistrations`. */
export const registerDevicesSchema = z.strictObject({
  appName: appNameSchema.meta({ description: "The app that the devices have installed." }),
  userId: userIdSchema.meta({ description: "The user whose devices these are; absent: a user is made." }).optional(),
  devices: z
    .array(recipientAddressSchema)
    .min(1)
    .max(DEVICES_MAX)
    .meta({
      description: "The devices; one that is there twice is registered once.",
      examples: [[{ provider: "FCM", token: EXAMPLE.goneToken }]],
    }),
});

/** A device registration as the API shows it. */
export const deviceRegistrationSchema = z.object({
  id: shownId("device_registration"),
  appName: shownAppName("The app that the device has installed."),
  userId: shownId("pushnotificationuser", "Id of the user whose device it is."),
  provider: providerSchema,
  token: shownToken("goneToken"),
  createdAt: shownTime("When it was registered first.", "registered"),
  updatedAt: shownTime("When it was registered last.", "registered"),
});
/** See {@link deviceRegistrationSchema}. */
export type DeviceRegistrationResource = z.infer<typeof deviceRegistrationSchema>;

/** A user as the API shows it. */
export const userSchema = z.object({
  id: shownId("pushnotificationuser"),
  devices: z
    .int()
    .min(0)
    .meta({ description: "How many devices are registered for the user, in all apps.", examples: [1] }),
  createdAt: shownTime("When the user was made.", "registered"),
});
/** See {@link userSchema}. */
export type UserResource = z.infer<typeof userSchema>;

/** A device token that its provider declared dead. */
export const invalidTokenSchema = z.object({
  provider: providerSchema,
  token: shownToken("goneToken"),
  appName: z
    .string()
    .nullable()
    .meta({ description: "Name of the app that it is dead in.", examples: [EXAMPLE.appName] }),
  credentialId: shownId("credential", "Id of the credential that it was sent to with."),
  code: z.string().meta({ description: "The provider's code.", examples: ["UNREGISTERED"] }),
  invalidatedAt: shownTime(
    "Since when the provider has known it as dead, or when it said so where it does not tell.",
    "recorded",
  ),
  recordedAt: shownTime("When Fanfare learned of it: what `since` compares with.", "completed"),
});
/** See {@link invalidTokenSchema}. */
export type InvalidTokenResource = z.infer<typeof invalidTokenSchema>;
