import { z } from "zod";
import { providerSchema } from "./provider.js";

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
