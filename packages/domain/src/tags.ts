import { z } from "zod";
import { EXAMPLE } from "./example-story.js";
import { formedAs } from "./given-as.js";
import { recordOf } from "./json.js";
import { text } from "./message-text.js";
import { isTemplate } from "./template-text.js";

const TAG = /^[a-zA-Z0-9._~-]+$/;
/** Tags of one request. */
const TAGS_MAX = 10;

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
)
  .refine((tags) => Object.keys(tags).length <= TAGS_MAX, `may have at most ${TAGS_MAX} pairs`)
  .meta({
    description:
      "Labels by which operations and notifications are found again, of letters, digits and `. _ ~ -`. Values may have Liquid in them.",
    ...formedAs({ maxProperties: TAGS_MAX }, EXAMPLE.tags),
  });
