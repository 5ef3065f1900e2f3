import { z } from "zod";
import { contentSchema } from "./content.js";
import { EXAMPLE } from "./example-story.js";
import { PROVIDER_TRAITS, perProviderField, providerSchema } from "./provider.js";
import { prioritySchema } from "./push-message.js";
import { shownId, shownTags, shownTime, shownTimeOrNull, shownToken } from "./shown-fields.js";

/** A notification's status. */
export const notificationStatusSchema = z
  .enum(["SCHEDULED", "QUEUED", "SENT", "DELIVERED", "READ", "UNDELIVERED", "FAILED", "CANCELED"])
  .meta({
    description:
      "`SCHEDULED`: waits for `schedule.sendAt`. `QUEUED`: no provider has accepted it yet; attempts may come. `SENT`: a provider accepted it. `DELIVERED`: the device reported it. `READ`: the user opened it. `UNDELIVERED`: it can not reach the device, since every address is dead or its TTL passed first. `FAILED`: it was refused, could not be made, or the attempts were used up. `CANCELED`: canceled before a provider accepted it.",
  });
/** See {@link notificationStatusSchema}. */
export type NotificationStatus = z.infer<typeof notificationStatusSchema>;

/** Where a notification goes: a device token and the provider that knows it, and whose it is if it was sent to a user. */
export const addressSchema = z.object({
  token: shownToken()
    .meta({ description: "Device token, as it was given; absent while a user's devices are not looked up." })
    .optional(),
  provider: providerSchema.optional(),
  userId: shownId("pushnotificationuser", "Id of the user; absent when it was not sent to one.").optional(),
});

/** The pointer of a resource to another one. `uri` carries the bare ULID. */
const relatedSchema = z.object({
  name: z.literal("operation").meta({ description: "What it is: always the operation." }),
  id: shownId("operation"),
  uri: z.string().meta({
    description: "Path of the operation below `/v1`, with its bare ULID.",
    examples: ["/PushNotifications/Operations/01kne4rnm0brfjn71vfn200000"],
  }),
});

/** A notification as lists show it. */
export const notificationSchema = z.object({
  id: shownId("notification"),
  to: z.array(addressSchema).meta({
    description:
      "Where it goes: one device token, or several where the recipient has several. A user stands there without a token until the devices are looked up.",
    examples: [[{ token: EXAMPLE.fcmToken, provider: "FCM" }]],
  }),
  status: notificationStatusSchema.meta({ examples: ["SENT"] }),
  related: z.array(relatedSchema).meta({ description: "What it belongs to: its operation." }),
  tags: shownTags("Tags of its request, as they are for this recipient; `{}` when there are none."),
  createdAt: shownTime("When its request was accepted.", "accepted"),
  updatedAt: shownTime("When something became of it last; at first, when its request was accepted.", "recorded"),
  deletedAt: shownTimeOrNull("Always null: notifications are not deleted one by one."),
});
/** See {@link notificationSchema}. */
export type NotificationResource = z.infer<typeof notificationSchema>;

/** The app and the credentials that an operation is sent with. */
export const senderSchema = z.object({
  appName: z
    .string()
    .nullable()
    .meta({
      description: "Name of the app; null where the request was accepted before there were apps.",
      examples: [EXAMPLE.appName],
    }),
  ...perProviderField((provider) =>
    z
      .string()
      .nullable()
      .meta({
        description: `Id of the credential for ${PROVIDER_TRAITS[provider].name}; null: there was none.`,
        examples: [EXAMPLE.credentials[provider]],
      }),
  ),
});

const lastErrorSchema = z.object({
  code: z.string().meta({ description: "The provider's code, or one of Fanfare's own.", examples: ["UNREGISTERED"] }),
  detail: z
    .string()
    .nullable()
    .meta({
      description: "The provider's words, or Fanfare's own; null without any.",
      examples: ["Requested entity was not found."],
    }),
});

/** A notification as a single fetch shows it. */
export const notificationDetailsSchema = notificationSchema.extend({
  from: senderSchema.meta({ description: "The app and the credentials that it is sent with." }),
  content: contentSchema.meta({
    description:
      "The content as this recipient gets it: rendered, and in their language. As the request gave it until then.",
  }),
  priority: prioritySchema,
  sound: z
    .string()
    .nullable()
    .meta({ description: "The sound that is played; null: none.", examples: ["ring"] }),
  attempts: z
    .int()
    .min(0)
    .meta({ description: "Provider calls made for it so far.", examples: [1] }),
  lastError: lastErrorSchema.nullable().meta({
    description: "Why it is not `SENT`, or not yet; null when nothing went wrong so far.",
    examples: [null, { code: "UNREGISTERED", detail: "Requested entity was not found." }],
  }),
});
/** See {@link notificationDetailsSchema}. */
export type NotificationDetails = z.infer<typeof notificationDetailsSchema>;
