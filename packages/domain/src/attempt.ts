import { z } from "zod";
import { attemptOutcomeSchema, blameSchema } from "./delivery-outcome.js";
import { providerSchema } from "./provider.js";

/** One call to one provider for one device token of one notification, as the API shows it. */
export const attemptSchema = z.object({
  id: z.string(),
  notificationId: z.string(),
  provider: providerSchema,
  token: z.string(),
  attemptNumber: z.int().min(1),
  /** Whether an earlier attempt, whose outcome is not known, may have reached the device. */
  mayRepeat: z.boolean(),
  outcome: attemptOutcomeSchema,
  blame: blameSchema.nullable(),
  httpStatus: z.int().nullable(),
  providerCode: z.string().nullable(),
  providerMessageId: z.string().nullable(),
  detail: z.string().nullable(),
  startedAt: z.iso.datetime(),
  latencyMs: z.int().min(0),
  nextAttemptAt: z.iso.datetime().nullable(),
});
/** See {@link attemptSchema}. */
export type AttemptResource = z.infer<typeof attemptSchema>;
