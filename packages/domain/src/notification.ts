import { z } from "zod";
import { providerSchema } from "./provider.js";
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

/** An address of a recipient: a device token and the provider that knows it. */
export const addressSchema = z.object({ token: z.string(), provider: providerSchema });

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

/** A notification as a single fetch shows it. */
export const notificationDetailsSchema = notificationSchema.extend({
  /** The app and credentials it was sent with; null: the default ones. */
  from: z.null(),
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
