import { z } from "zod";

/** Seconds: FCM refuses more than 28 days (https://firebase.google.com/docs/cloud-messaging/concept-options#ttl). */
export const TTL_MAX_SECONDS = 2_419_200;

/** Apple's limit of `apns-collapse-id`, in bytes. */
export const COLLAPSE_KEY_MAX_BYTES = 64;

const UNSTORABLE = /[\0\p{Cs}]/u;

/** Text that can be stored and sent: no U+0000, no lone surrogate. */
const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => !UNSTORABLE.test(value), "must not contain U+0000 or a lone surrogate");

// Texts longer than a whole payload can never be delivered; the payload's own limit is checked where it is built.
const contentText = text(4_096);

/** FCM refuses these as keys of `data`; `aps` is where Apple's own part of a payload stands. */
const RESERVED_DATA_KEY = /^(from$|gcm|google|aps$)/;

const dataSchema = z.record(
  text(256)
    .min(1)
    .refine((key) => !RESERVED_DATA_KEY.test(key), "is a reserved key: from, aps, gcm* and google* may not be used"),
  contentText,
);

/** What a recipient gets to see, and the data that the app gets. */
export const contentSchema = z
  .strictObject({
    title: contentText.optional(),
    subtitle: contentText.optional(),
    body: contentText.optional(),
    images: z
      .array(z.url({ protocol: /^https?$/ }).max(2_048))
      .min(1)
      .max(10)
      .optional(),
    data: dataSchema.optional(),
    clickAction: text(2_048).min(1).optional(),
    category: text(256).min(1).optional(),
  })
  .refine(
    ({ title, body, images, data }) => (title ?? body ?? images ?? data) !== undefined,
    "must have at least one of title, body, images and data",
  );
/** See {@link contentSchema}. */
export type Content = z.infer<typeof contentSchema>;

const TAG = /^[a-zA-Z0-9._~-]+$/;
const TAG_RULE = "may contain only letters, digits and . _ ~ -";

/** Labels that a sender puts on an operation. */
export const tagsSchema = z
  .record(z.string().max(128).regex(TAG, TAG_RULE), z.string().max(256).regex(TAG, TAG_RULE))
  .refine((tags) => Object.keys(tags).length <= 10, "may have at most 10 pairs");

/** How urgent a push is: FCM high / normal, APNs 10 / 5. */
export const prioritySchema = z.enum(["HIGH", "LOW"]);

/** Everything about an operation that its recipients share. */
export const pushMessageSchema = z.strictObject({
  content: contentSchema,
  priority: prioritySchema.default("HIGH"),
  sound: text(256).min(1).nullable().default(null),
  /** The number on the app's icon; 0 removes it. */
  badge: z.int().min(0).max(2_147_483_647).optional(),
  /** Seconds from the 202; 0 = one attempt, not stored by the provider. */
  ttl: z.int().min(0).max(TTL_MAX_SECONDS).default(TTL_MAX_SECONDS),
  collapseKey: text(64)
    .min(1)
    .refine(
      (key) => Buffer.byteLength(key) <= COLLAPSE_KEY_MAX_BYTES,
      `must be at most ${COLLAPSE_KEY_MAX_BYTES} bytes in UTF-8`,
    )
    .optional(),
  /** Groups notifications on the device (APNs `thread-id`). */
  threadId: text(256).min(1).optional(),
  /** Android notification channel. */
  channelId: text(256).min(1).optional(),
});
/** See {@link pushMessageSchema}. */
export type PushMessage = z.infer<typeof pushMessageSchema>;

/** Whether nothing of the content is shown: a silent (background) push. */
export function isSilent({ title, subtitle, body, images }: Content): boolean {
  return (title ?? subtitle ?? body ?? images) === undefined;
}
