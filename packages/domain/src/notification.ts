import { z } from "zod";
import { perProviderField, providerSchema } from "./provider.js";
import { contentSchema, prioritySchema } from "./push-message.js";

/** A notification's status; the meaning of each stands in the API reference. */
export const notificationStatusSchema = z.enum([
  "SCHEDULED",
  "QUEUED",
  "SENT",
  "DELIVERED",
  "READ",
  "UNDELIVERED",
  "FAILED",
  "CANCELED",
]);
/** See {@link notificationStatusSchema}. */
export type NotificationStatus = z.infer<typeof notificationStatusSchema>;

/** Where a notification goes: a device token and the provider that knows it, and whose it is if it was sent to a user. */
export const addressSchema = z.object({
  token: z.string().optional(),
  provider: providerSchema.optional(),
  userId: z.string().optional(),
});

/** The pointer of a resource to another one. `uri` carries the bare ULID. */
const relatedSchema = z.object({ name: z.literal("operation"), id: z.string(), uri: z.string() });

/** A notification as lists show it. */
export const notificationSchema = z.object({
  id: z.string(),
  to: z.array(addressSchema),
  status: notificationStatusSchema,
  related: z.array(relatedSchema),
  tags: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime().nullable(),
});
/** See {@link notificationSchema}. */
export type NotificationResource = z.infer<typeof notificationSchema>;

/** The app and the credentials that an operation is sent with. */
export const senderSchema = z.object({
  appName: z.string().nullable(),
  ...perProviderField(() => z.string().nullable()),
});

/** A notification as a single fetch shows it. */
export const notificationDetailsSchema = notificationSchema.extend({
  from: senderSchema,
  /** As the recipient gets it. */
  content: contentSchema,
  priority: prioritySchema,
  sound: z.string().nullable(),
  /** Provider calls made so far. */
  attempts: z.int().min(0),
  /** Why it is not SENT: the provider's code, or one of Fanfare's own; null when nothing went wrong (so far). */
  lastError: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
});
/** See {@link notificationDetailsSchema}. */
export type NotificationDetails = z.infer<typeof notificationDetailsSchema>;
