import { z } from "zod";
import { EXAMPLE } from "./example-story.js";
import { providerSchema } from "./provider.js";
import { shownId, shownTags, shownTime, shownTimeOrNull } from "./shown-fields.js";
import { statsSchema } from "./stats.js";

/** An operation's status. */
export const operationStatusSchema = z.enum(["SCHEDULED", "PROCESSING", "COMPLETED", "CANCELED"]).meta({
  description:
    "`SCHEDULED`: waits for `schedule.sendAt`. `PROCESSING`: at least one notification is queued or waits for a retry. `COMPLETED`: none is any more. `CANCELED`: canceled before all was sent; what was sent keeps its status.",
});
/** See {@link operationStatusSchema}. */
export type OperationStatus = z.infer<typeof operationStatusSchema>;

/** An operation as the API shows it. */
export const operationSchema = z.object({
  id: shownId("operation"),
  status: operationStatusSchema.meta({ examples: ["COMPLETED"] }),
  stats: statsSchema,
  tags: shownTags("Tags of its request, as they were given; `{}` when there are none."),
  scheduledFor: shownTimeOrNull("When it is to be sent; null: at once."),
  createdAt: shownTime("When its request was accepted.", "accepted"),
  updatedAt: shownTime("When its status or stats changed last.", "completed"),
  completedAt: shownTimeOrNull("When it became `COMPLETED` or `CANCELED`; null while it is neither.", "completed"),
});
/** See {@link operationSchema}. */
export type OperationResource = z.infer<typeof operationSchema>;

/** One way in which notifications of an operation went wrong, or recipients were left out. */
export const operationErrorSchema = z.object({
  code: z.string().meta({ description: "The provider's code, or one of Fanfare's own.", examples: ["UNREGISTERED"] }),
  provider: providerSchema
    .nullable()
    .meta({ description: "The provider of the notifications; null where none had part in it.", examples: ["FCM"] }),
  providerCode: z
    .string()
    .nullable()
    .meta({ description: "The provider's code; null when the code is Fanfare's own.", examples: ["UNREGISTERED"] }),
  title: z
    .string()
    .meta({ description: "The code in plain words.", examples: ["The app was removed from the device"] }),
  detail: z.string().meta({
    description: "What it means and what to do.",
    examples: ["The token is not tried any more: remove it, the app registers a new one when it is opened."],
  }),
  count: z
    .int()
    .min(1)
    .meta({ description: "How many notifications it is, or recipients that were left out.", examples: [1] }),
  sampleNotificationIds: z.array(shownId("notification")).meta({
    description:
      "Ids of the first few of them. Of a `DUPLICATE` it is the notification that stayed; an `UNADDRESSABLE` recipient has none.",
    examples: [[EXAMPLE.undelivered]],
  }),
});
/** See {@link operationErrorSchema}. */
export type OperationErrorResource = z.infer<typeof operationErrorSchema>;
