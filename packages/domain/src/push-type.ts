import type { Content } from "./content.js";
import type { Json } from "./json.js";
import type { PushMessage } from "./push-message.js";

/** See `pushTypeSchema`. */
export type PushType = NonNullable<PushMessage["pushType"]>;

/** What the type of a push follows from. */
export type TypedMessage = Pick<PushMessage, "content" | "sound" | "badge" | "apns" | "pushType">;

/**
 * The type of a push: `alert` when its payload for Apple's devices has an alert, a sound or a badge, the sender's own `apns`
 * included, otherwise `background`; or the special one that the sender names. APNs may refuse, delay or drop a push whose type is not
 * that of its payload.
 */
export function pushTypeOf(message: TypedMessage): PushType {
  const { pushType } = message;
  if (pushType !== undefined && pushType !== "alert" && pushType !== "background") return pushType;
  return isNoticed(message) ? "alert" : "background";
}

/** Whether a message has text to show. */
export function hasText({ title, subtitle, body }: Pick<Content, "title" | "subtitle" | "body">): boolean {
  return (title ?? subtitle ?? body) !== undefined;
}

function isNoticed({ content, sound, badge, apns }: TypedMessage): boolean {
  const override = apsOf(apns);
  const has = (field: string, isGiven: boolean) =>
    Object.hasOwn(override, field) ? override[field] !== null : isGiven;
  return has("alert", hasText(content)) || has("sound", sound !== null) || has("badge", badge !== undefined);
}

/** A field whose value does not go with the others. */
export interface PushTypeProblem {
  path: string[];
  message: string;
}

/** What of a message contradicts its push type, for any language that it has. */
export function pushTypeProblems(message: TypedMessage): PushTypeProblem[] {
  const { pushType, apns } = message;
  const types = new Set(inEachLanguage(message).map(pushTypeOf));
  const problems: PushTypeProblem[] = [];
  if (pushType === "background" && types.has("alert")) {
    problems.push({ path: ["pushType"], message: "a background push has neither text nor sound nor badge" });
  }
  if (pushType === "alert" && types.has("background")) {
    problems.push({ path: ["pushType"], message: "an alert push must have text, a sound or a badge" });
  }
  const override = apsOf(apns);
  if (types.has("background") && Object.hasOwn(override, "content-available") && override["content-available"] !== 1) {
    const path = ["apns", "aps", "content-available"];
    problems.push({ path, message: "must be 1 in a push that has neither text nor sound nor badge" });
  }
  return problems;
}

function inEachLanguage(message: TypedMessage): TypedMessage[] {
  const { localizations = {}, ...content } = message.content;
  return [content, ...Object.values(localizations)].map((own) => ({ ...message, content: { ...content, ...own } }));
}

// That it is an object the schema saw to.
function apsOf(apns: PushMessage["apns"]): Record<string, Json> {
  return (apns?.aps ?? {}) as Record<string, Json>;
}
