import { z } from "zod";
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
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});
/** See {@link operationSchema}. */
export type OperationResource = z.infer<typeof operationSchema>;
