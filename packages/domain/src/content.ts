import { z } from "zod";
import { dataSchema } from "./data.js";
import { formedAs } from "./given-as.js";
import { recordOf } from "./json.js";
import { contentText, text } from "./message-text.js";
import { isTemplate } from "./template-text.js";

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
  title: contentText.meta({ description: "First line of what is shown.", examples: ["Boarding"] }).optional(),
  subtitle: contentText
    .meta({
      description: "Line below the title. Android has no place for it: there it is a line above the body.",
      examples: ["FF 123 to Vienna"],
    })
    .optional(),
  body: contentText.meta({ description: "The text itself.", examples: ["Gate A1 in one hour"] }).optional(),
  images: z
    .array(imageSchema)
    .min(1)
    .max(10)
    .meta({
      description:
        "Images to show, by their http or https URLs. FCM shows the first; on Apple's devices the app's notification service extension fetches them from `fanfare.images`.",
      examples: [["https://airline.example.com/gates/a1.png"]],
    })
    .optional(),
  data: dataSchema.optional(),
  clickAction: text(2_048)
    .min(1)
    .meta({
      description:
        "What the app does when it is opened by the notification. FCM: `android.notification.click_action`; APNs: `fanfare.clickAction`, for the app to read.",
      examples: ["OPEN_BOARDING_PASS"],
    })
    .optional(),
  category: text(256)
    .min(1)
    .meta({
      description: "Which of the app's sets of buttons Apple's devices show (`aps.category`).",
      examples: ["BOARDING"],
    })
    .optional(),
};

/** BCP 47, such as `pt-BR`. */
export const localeSchema = z
  .string()
  .max(35, { abort: true })
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "must be a language tag such as pt-BR");

/** Languages of one content. */
const LANGUAGES_MAX = 50;

const localizationsSchema = recordOf(localeSchema, z.strictObject(contentFields))
  .refine(
    (localizations) => Object.keys(localizations).length <= LANGUAGES_MAX,
    `may have at most ${LANGUAGES_MAX} languages`,
  )
  .superRefine((localizations, context) => {
    const seen = new Set<string>();
    for (const locale of Object.keys(localizations)) {
      // RFC 5646, section 2.1.1: case does not tell tags apart.
      const isNew = seen.size < seen.add(locale.toLowerCase()).size;
      if (!isNew) context.addIssue({ code: "custom", path: [locale], message: "is a language that is there already" });
    }
  })
  .meta({
    description:
      "Fields that take the place of the ones beside it for recipients with a `locale`, by language tag (BCP 47). Case does not tell tags apart.",
    ...formedAs({ maxProperties: LANGUAGES_MAX }, { de: { body: "Flugsteig A1 in einer Stunde" } }),
  });

/** The fields of a content of which it has to have one. */
const ESSENTIALS = ["title", "body", "images", "data"] as const;

/** What a recipient gets. */
export const contentSchema = z
  .strictObject({
    ...contentFields,
    localizations: localizationsSchema.optional(),
  })
  .refine(
    (content) => ESSENTIALS.some((field) => content[field] !== undefined),
    "must have at least one of title, body, images and data",
  )
  .meta({
    description:
      "What the recipient gets to see, and the data that the app gets: at least one of `title`, `body`, `images` and `data`. Every text may have Liquid in it. `data` alone, with neither sound nor badge, is a silent push. Providers take a payload of at most 4,096 bytes (`voip`: 5,120): what is longer without Liquid is refused at once, what is when rendered fails its notification with `PAYLOAD_TOO_LARGE`.",
    ...formedAs(
      { anyOf: ESSENTIALS.map((field) => ({ title: `With ${field}`, required: [field] })) },
      { title: "Boarding", body: "Gate A1 in one hour" },
    ),
  });
/** See {@link contentSchema}. */
export type Content = z.infer<typeof contentSchema>;
