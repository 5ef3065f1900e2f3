import { z } from "zod";
import { contentSchema } from "./content.js";
import { EXTRAS_KEY } from "./extras.js";
import { EXTRAS_KEY_RULE, fcmOverrideProblems } from "./fcm-override.js";
import { givenAs } from "./given-as.js";
import { type Json, jsonObjectSchema } from "./json.js";
import { text } from "./message-text.js";
import { isTemplate } from "./template-text.js";

/** Seconds: FCM refuses more than 28 days (https://firebase.google.com/docs/cloud-messaging/concept-options#ttl). */
export const TTL_MAX_SECONDS = 2_419_200;

/** Apple's limit of `apns-collapse-id`, in bytes. */
export const COLLAPSE_KEY_MAX_BYTES = 64;

/** Bytes of a raw override: more than any provider takes as a whole payload. */
const OVERRIDE_MAX_BYTES = 8_192;

/** How urgent a push is. */
export const prioritySchema = z.enum(["HIGH", "LOW"]).meta({
  description:
    "How urgent it is. `HIGH`: at once, even if that wakes the device (FCM `high`, APNs 10). `LOW`: when it suits the device (FCM `normal`, APNs 5).",
});

/** Apple, "Sending notification requests to APNs". */
export const pushTypeSchema = z
  .enum(["alert", "background", "voip", "complication", "fileprovider", "liveactivity", "location", "pushtotalk"])
  .meta({
    description:
      "`apns-push-type`, for Apple's devices alone. `alert` (shows, plays or counts something) and `background` (does not) follow from the message and need not be given; one that contradicts it is refused. The others are Apple's special types, which the app must be made for.",
  });

const overrideSchema = jsonObjectSchema(OVERRIDE_MAX_BYTES);

function isObject(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a text may be a collapse key. */
export function isCollapseKey(value: string): boolean {
  return value.length > 0 && Buffer.byteLength(value) <= COLLAPSE_KEY_MAX_BYTES;
}

/** Everything about an operation that its recipients share. */
export const pushMessageSchema = z.strictObject({
  content: contentSchema,
  priority: prioritySchema.default("HIGH"),
  sound: text(256)
    .min(1)
    .nullable()
    .default(null)
    .meta({
      description: "Name of the sound to play: `default`, or one that the app has; null: none. Liquid is allowed.",
      examples: ["ring"],
    }),
  badge: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .meta({ description: "The number on the app's icon; 0 removes it. Absent: it stays as it is.", examples: [1] })
    .optional(),
  ttl: z
    .int()
    .min(0)
    .max(TTL_MAX_SECONDS)
    .default(TTL_MAX_SECONDS)
    .meta({
      description:
        "How long it is worth delivering, in seconds from the 202, or from `schedule.sendAt`. What no provider has accepted by then is `UNDELIVERED` with `EXPIRED`. 0: one attempt, and the provider keeps nothing for a device that is not there.",
      examples: [3_600],
    }),
  collapseKey: text(512)
    .min(1)
    .refine((key) => isTemplate(key) || isCollapseKey(key), `must be at most ${COLLAPSE_KEY_MAX_BYTES} bytes in UTF-8`)
    .meta({
      description: `A later push with the same key takes the place of an earlier one on the device: at most ${COLLAPSE_KEY_MAX_BYTES} bytes. FCM: \`collapse_key\` and \`tag\`; APNs: \`apns-collapse-id\`. Liquid is allowed. Absent: each notification has one of its own.`,
      examples: ["boarding-FF123"],
    })
    .optional(),
  threadId: text(256)
    .min(1)
    .meta({
      description: "Which notifications Apple's devices show as one group (`aps.thread-id`).",
      examples: ["flight-FF123"],
    })
    .optional(),
  mutableContent: z
    .boolean()
    .meta({
      description:
        "Whether the app's notification service extension may change what Apple's devices show before they do (`aps.mutable-content`). Absent: only when there are images.",
    })
    .optional(),
  channelId: text(256)
    .min(1)
    .meta({ description: "The app's notification channel on Android.", examples: ["boarding"] })
    .optional(),
  pushType: pushTypeSchema.optional(),
  apns: overrideSchema
    .refine(({ aps }) => aps === undefined || isObject(aps), { path: ["aps"], error: "must be an object" })
    .refine((override) => !Object.hasOwn(override, EXTRAS_KEY), { path: [EXTRAS_KEY], error: EXTRAS_KEY_RULE })
    .meta({
      description: `What APNs's payload is to have besides or instead: merged into it last (RFC 7396, null takes a field away); at most ${OVERRIDE_MAX_BYTES} bytes, without \`${EXTRAS_KEY}\`.`,
      ...givenAs({ aps: { "interruption-level": "time-sensitive" } }),
    })
    .optional(),
  fcm: overrideSchema
    .refine(
      (override) => !["token", "topic", "condition", "name"].some((key) => key in override),
      "must not set token, topic, condition or name",
    )
    .superRefine((override, context) => {
      for (const problem of fcmOverrideProblems(override)) context.addIssue({ code: "custom", ...problem });
    })
    .meta({
      description: `What FCM's \`message\` is to have besides or instead: merged into it last (RFC 7396, null takes a field away); at most ${OVERRIDE_MAX_BYTES} bytes, without \`token\`, \`topic\`, \`condition\` and \`name\`.`,
      ...givenAs({ android: { notification: { color: "#0b5fff" } } }),
    })
    .optional(),
});
/** See {@link pushMessageSchema}. */
export type PushMessage = z.infer<typeof pushMessageSchema>;

/** A raw override: a JSON object. */
export type Override = Record<string, Json>;
