import type { Content } from "./content.js";
import type { PushMessage } from "./push-message.js";
import { isTemplate } from "./template-text.js";

/**
 * Bytes of a payload. Apple, "Generating a remote notification"; FCM,
 * https://firebase.google.com/docs/cloud-messaging/concept-options, which counts keys and values alone.
 */
export const PAYLOAD_MAX_BYTES = 4_096;
export const VOIP_PAYLOAD_MAX_BYTES = 5_120;

/** The same where an override may take some of the content away again. */
const OVERRIDDEN_MAX_BYTES = 65_536;

/** Characters of all texts of a content: in 50 languages as much as a payload may have. */
const TEXTS_MAX_LENGTH = 262_144;

/** Characters of all tags and outputs of Liquid in a content: to read them takes some 50 ms. */
const LIQUID_MAX_LENGTH = 65_536;

const OPENING = /\{\{|\{%/g;

/** A content of a size that can never be sent. */
export interface ContentProblem {
  path: string[];
  message: string;
}

/** What of a message's content is larger than any provider takes, in the languages that it has. */
export function contentSizeProblems(message: SizedMessage): ContentProblem[] {
  const { localizations = {}, ...content } = message.content;
  const limit = limitOf(message);
  const own = tooLarge(["content"], content, limit);
  // What is too large for itself is so in every language.
  const localized = own.length > 0 ? [] : Object.entries(localizations);
  const others = localized.flatMap(([locale, texts]) =>
    tooLarge(["content", "localizations", locale], { ...content, ...texts }, limit),
  );
  return [...own, ...others, ...tooMuchText([content, ...Object.values(localizations)].flatMap(textsOf))];
}

type SizedMessage = Pick<PushMessage, "content" | "pushType" | "apns" | "fcm">;

function limitOf({ pushType, apns, fcm }: SizedMessage): number {
  if (Object.keys({ ...apns, ...fcm }).length > 0) return OVERRIDDEN_MAX_BYTES;
  return pushType === "voip" ? VOIP_PAYLOAD_MAX_BYTES : PAYLOAD_MAX_BYTES;
}

/** What both providers count of a content, at least: what a template comes to is not known. */
function tooLarge(path: string[], content: Content, limit: number): ContentProblem[] {
  const plain = textsOf(content).filter((text) => !isTemplate(text));
  const bytes = [...plain, ...Object.keys(content.data ?? {})].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes > limit ? [{ path, message: `is at least ${bytes} bytes; a payload has at most ${limit}` }] : [];
}

function tooMuchText(texts: readonly string[]): ContentProblem[] {
  const path = ["content"];
  const length = lengthOf(texts);
  if (length > TEXTS_MAX_LENGTH) {
    return [{ path, message: `has ${length} characters of text in all; at most ${TEXTS_MAX_LENGTH} are taken` }];
  }
  const liquid = texts.reduce((sum, text) => sum + liquidLengthOf(text), 0);
  return liquid > LIQUID_MAX_LENGTH
    ? [{ path, message: `has ${liquid} characters of Liquid; at most ${LIQUID_MAX_LENGTH} are taken` }]
    : [];
}

/** Characters of the tags and outputs of a text; of one that is not closed, to the end. */
function liquidLengthOf(text: string): number {
  let length = 0;
  let end = 0;
  for (const { 0: opening, index } of text.matchAll(OPENING)) {
    if (index < end) continue;
    const closing = text.indexOf(opening === "{{" ? "}}" : "%}", index);
    if (closing < 0) return length + text.length - index;
    end = closing + opening.length;
    length += end - index;
  }
  return length;
}

const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);

function textsOf({ title, subtitle, body, images = [], clickAction, data = {} }: Content): string[] {
  return [title, subtitle, body, clickAction, ...images, ...Object.values(data)].filter((text) => text !== undefined);
}
