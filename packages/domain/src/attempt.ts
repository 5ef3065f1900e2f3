import { z } from "zod";
import { attemptOutcomeSchema, blameSchema } from "./delivery-outcome.js";
import { providerSchema } from "./provider.js";
import { shownId, shownTime, shownTimeOrNull, shownToken } from "./shown-fields.js";

/** One call to one provider for one device token of one notification, as the API shows it. */
export const attemptSchema = z.object({
  id: shownId("attempt"),
  notificationId: shownId("notification", "Id of the notification that it was made for."),
  provider: providerSchema,
  token: shownToken(),
  attemptNumber: z
    .int()
    .min(1)
    .meta({ description: "Which attempt of its notification it is, counted from 1.", examples: [1] }),
  mayRepeat: z.boolean().meta({
    description: "Whether an earlier attempt, whose outcome is not known, may have reached the device already.",
    examples: [false],
  }),
  outcome: attemptOutcomeSchema,
  blame: blameSchema.nullable().meta({
    description:
      "Whose fault a rejection is: the device `token`'s, the `request`'s, or the `credential`'s; null unless it was `REJECTED`.",
    examples: [null],
  }),
  httpStatus: z
    .int()
    .nullable()
    .meta({ description: "HTTP status of the provider's answer; null when none came.", examples: [200] }),
  providerCode: z
    .string()
    .nullable()
    .meta({
      description:
        "Why it was not accepted: the provider's code, such as `UNREGISTERED` or `BadDeviceToken`, or one of Fanfare's own where no answer came; null when it was.",
      examples: [null],
    }),
  providerMessageId: z
    .string()
    .nullable()
    .meta({
      description:
        "The provider's id of the push, FCM's message name or APNs's `apns-id`; null unless it was `ACCEPTED`.",
      examples: ["projects/airline-example/messages/0:1775370000381516%example"],
    }),
  detail: z
    .string()
    .nullable()
    .meta({
      description:
        "The provider's words, or Fanfare's own, and what to do about it where that is known; null without any.",
      examples: [null],
    }),
  startedAt: shownTime("When the provider was called.", "called"),
  latencyMs: z
    .int()
    .min(0)
    .meta({ description: "How long the call took, in milliseconds; 0 where that is not known.", examples: [167] }),
  nextAttemptAt: shownTimeOrNull("When the next attempt is due; null when there is none to come."),
});
/** See {@link attemptSchema}. */
export type AttemptResource = z.infer<typeof attemptSchema>;
