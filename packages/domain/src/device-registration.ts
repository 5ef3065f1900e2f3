import { z } from "zod";
import { appNameSchema } from "./app.js";
import { providerSchema } from "./provider.js";
import { recipientAddressSchema, userIdSchema } from "./recipient.js";

/** Devices of one request. */
export const DEVICES_MAX = 50;

/** The body of `POST /v1/PushNotifications/DeviceRegistrations`. */
export const registerDevicesSchema = z.strictObject({
  appName: appNameSchema,
  /** Absent: a user is created. */
  userId: userIdSchema.optional(),
  devices: z.array(recipientAddressSchema).min(1).max(DEVICES_MAX),
});

/** A device registration as the API shows it. */
export const deviceRegistrationSchema = z.object({
  id: z.string(),
  appName: z.string(),
  userId: z.string(),
  provider: providerSchema,
  token: z.string(),
  createdAt: z.iso.datetime(),
  /** When it was registered last. */
  updatedAt: z.iso.datetime(),
});
/** See {@link deviceRegistrationSchema}. */
export type DeviceRegistrationResource = z.infer<typeof deviceRegistrationSchema>;

/** A user as the API shows it. */
export const userSchema = z.object({
  id: z.string(),
  /** Devices registered for the user, in all apps. */
  devices: z.int().min(0),
  createdAt: z.iso.datetime(),
});
/** See {@link userSchema}. */
export type UserResource = z.infer<typeof userSchema>;

/** A device token that its provider declared dead. */
export const invalidTokenSchema = z.object({
  provider: providerSchema,
  token: z.string(),
  appName: z.string().nullable(),
  credentialId: z.string(),
  /** The provider's code. */
  code: z.string(),
  /** Since when the provider has known it. */
  invalidatedAt: z.iso.datetime(),
  /** When Fanfare learned of it: what `since` compares with. */
  recordedAt: z.iso.datetime(),
});
/** See {@link invalidTokenSchema}. */
export type InvalidTokenResource = z.infer<typeof invalidTokenSchema>;
