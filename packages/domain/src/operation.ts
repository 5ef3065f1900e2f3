import { z } from "zod";
import { providerSchema } from "./provider.js";
import { statsSchema } from "./stats.js";

/** An operation's status; the meaning of each stands in the API reference. */
export const operationStatusSchema = z.enum(["SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED"]);
/** See {@link operationStatusSchema}. */
export type OperationStatus = z.infer<typeof operationStatusSchema>;

/** An operation as the API shows it. */
export const operationSchema = z.object({
  id: z.string(),
  status: operationStatusSchema,
  stats: statsSchema,
  tags: z.record(z.string(), z.string()),
  /** When it is to be sent, if that was put off. */
  scheduledFor: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});
/** See {@link operationSchema}. */
export type OperationResource = z.infer<typeof operationSchema>;

/** One way in which notifications of an operation went wrong, or recipients were left out. */
export const operationErrorSchema = z.object({
  /** The provider's code, or one of Fanfare's own. */
  code: z.string(),
  provider: providerSchema.nullable(),
  /** Null when no provider said it. */
  providerCode: z.string().nullable(),
  title: z.string(),
  /** What it means and what to do. */
  detail: z.string(),
  count: z.int().min(1),
  sampleNotificationIds: z.array(z.string()),
});
/** See {@link operationErrorSchema}. */
export type OperationErrorResource = z.infer<typeof operationErrorSchema>;
