import { z } from "zod";
import { dataSchema } from "./data.js";
import { EXTRAS_KEY } from "./extras.js";
import { EXTRAS_KEY_RULE, fcmOverrideProblems } from "./fcm-override.js";
import { type Json, jsonObjectSchema, recordOf } from "./json.js";
import { contentText, text } from "./message-text.js";
import { isTemplate } from "./template-text.js";

/** Seconds: FCM refuses more than 28 days (https://firebase.google.com/docs/cloud-messaging/concept-options#ttl). */
export const TTL_MAX_SECONDS = 2_419_200;

/** Apple's limit of `apns-collapse-id`, in bytes. */
export const COLLAPSE_KEY_MAX_BYTES = 64;

/** Bytes of a raw override: more than any provider takes as a whole payload. */
const OVERRIDE_MAX_BYTES = 8_192;

const URL_MAX_LENGTH = 2_048;
const urlSchema = z.url({ protocol: /^https?$/ });

/** Parsers of URLs leave some of it out without a word. */
const UNSEEN = /[\s\p{Cc}]/u;

/** Whether a text is an address that images can be fetched from. */
export function isImageUrl(value: string): boolean {
  return value.length <= URL_MAX_LENGTH && !UNSEEN.test(value) && urlSchema.safeParse(value).success;
}

const imageSchema = text(URL_MAX_LENGTH).refine(
  (value) => isTemplate(value) || isImageUrl(value),
  "must be an http or https URL",
);

const contentFields = {
  title: contentText.optional(),
  subtitle: contentText.optional(),
  body: contentText.optional(),
  images: z.array(imageSchema).min(1).max(10).optional(),
  data: dataSchema.optional(),
  clickAction: text(2_048).min(1).optional(),
  category: text(256).min(1).optional(),
};

/** BCP 47, such as `pt-BR`. */
export const localeSchema = z
  .string()
  .max(35, { abort: true })
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a language tag such as pt-BR");

const localizationsSchema = recordOf(localeSchema, z.strictObject(contentFields))
  .refine((localizations) => Object.keys(localizations).length <= 50, "may have at most 50 languages")
  .superRefine((localizations, context) => {
    const seen = new Set<string>();
    for (const locale of Object.keys(localizations)) {
      // RFC 5646, section 2.1.1: case does not tell tags apart.
      const isNew = seen.size < seen.add(locale.toLowerCase()).size;
      if (!isNew) context.addIssue({ code: "custom", path: [locale], message: "is a language that is there already" });
    }
  });

/** What a recipient gets to see, and the data that the app gets. Liquid in every text. */
export const contentSchema = z
  .strictObject({
    ...contentFields,
    /** Fields that take the place of the ones above for recipients of a `locale`. */
    localizations: localizationsSchema.optional(),
  })
  .refine(
    ({ title, body, images, data }) => (title ?? body ?? images ?? data) !== undefined,
    "must have at least one of title, body, images and data",
  );
/** See {@link contentSchema}. */
export type Content = z.infer<typeof contentSchema>;

const TAG = /^[a-zA-Z0-9._~-]+$/;
const TAG_RULE = "may contain only letters, digits and . _ ~ -";

/** Whether a text may be the value of a tag. */
export function isTagValue(value: string): boolean {
  return value.length <= 256 && TAG.test(value);
}

/** Labels that a sender puts on an operation. */
export const tagsSchema = recordOf(
  z.string().max(128).regex(TAG, TAG_RULE),
  text(256)
    .min(1)
    .refine((value) => isTemplate(value) || isTagValue(value), TAG_RULE),
).refine((tags) => Object.keys(tags).length <= 10, "may have at most 10 pairs");

/** How urgent a push is: FCM high / normal, APNs 10 / 5. */
export const prioritySchema = z.enum(["HIGH", "LOW"]);

/**
 * `apns-push-type`: Apple, "Sending notification requests to APNs". `alert` and `background` follow from the message; one that
 * is named must be the one that follows.
 */
export const pushTypeSchema = z.enum([
  "alert",
  "background",
  "voip",
  "complication",
  "fileprovider",
  "liveactivity",
  "location",
  "pushtotalk",
]);

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
  sound: text(256).min(1).nullable().default(null),
  /** The number on the app's icon; 0 removes it. */
  badge: z.int().min(0).max(2_147_483_647).optional(),
  /** Seconds from the 202, or from `schedule.sendAt`; 0 = one attempt, not stored by the provider. */
  ttl: z.int().min(0).max(TTL_MAX_SECONDS).default(TTL_MAX_SECONDS),
  collapseKey: text(512)
    .min(1)
    .refine((key) => isTemplate(key) || isCollapseKey(key), `must be at most ${COLLAPSE_KEY_MAX_BYTES} bytes in UTF-8`)
    .optional(),
  /** Groups notifications on the device (APNs `thread-id`). */
  threadId: text(256).min(1).optional(),
  /** Lets the app change what is shown before it is (APNs `mutable-content`); images imply it. */
  mutableContent: z.boolean().optional(),
  /** Android notification channel. */
  channelId: text(256).min(1).optional(),
  pushType: pushTypeSchema.optional(),
  /** Merged last into the payload for APNs (RFC 7396). */
  apns: overrideSchema
    .refine(({ aps }) => aps === undefined || isObject(aps), { path: ["aps"], error: "must be an object" })
    .refine((override) => !Object.hasOwn(override, EXTRAS_KEY), { path: [EXTRAS_KEY], error: EXTRAS_KEY_RULE })
    .optional(),
  /** Merged last into FCM's `message` (RFC 7396). */
  fcm: overrideSchema
    .refine(
      (override) => !["token", "topic", "condition", "name"].some((key) => key in override),
      "must not set token, topic, condition or name",
    )
    .superRefine((override, context) => {
      for (const problem of fcmOverrideProblems(override)) context.addIssue({ code: "custom", ...problem });
    })
    .optional(),
});
/** See {@link pushMessageSchema}. */
export type PushMessage = z.infer<typeof pushMessageSchema>;

/** A raw override: a JSON object. */
export type Override = Record<string, Json>;
