import {
  type Content,
  isCollapseKey,
  isImageUrl,
  isTagValue,
  isTemplate,
  type PushMessage,
  type Recipient,
  type Rendered,
} from "@fanfare/domain";
import { chooseLocale, RenderError, type Renderer } from "@fanfare/templates";

/** Makes a message a recipient's own; throws RenderError when it can not be made. */
export type Personalize = (recipient: Pick<Recipient, "variables" | "locale">) => Rendered;

/**
 * How the recipients of one batch of an operation get their own message; `undefined` when all get the same, and nothing has to be
 * done for each.
 */
export function createPersonalize(
  renderer: Renderer,
  message: PushMessage,
  tags: Readonly<Record<string, string>>,
): Personalize | undefined {
  const { localizations = {}, ...content } = message.content;
  const languages = Object.keys(localizations);
  const personalSound = message.sound !== null && isTemplate(message.sound) ? message.sound : undefined;
  const personalKey =
    message.collapseKey !== undefined && isTemplate(message.collapseKey) ? message.collapseKey : undefined;
  const personalTags = Object.values(tags).some(isTemplate) ? tags : undefined;
  const inContent = JSON.stringify(message.content);
  if (languages.length === 0 && !isTemplate(inContent) && !personalSound && !personalKey && !personalTags)
    return undefined;

  const renderLine = renderer.forBatch();
  return ({ variables = {}, locale }) => {
    const language = chooseLocale(locale, languages);
    const chosen = { ...content, ...(language === undefined ? {} : localizations[language]) };
    return renderLine(variables, (renderText) => {
      const render = (text: string) => (isTemplate(text) ? renderText(text) : text);
      return {
        content: renderContent(chosen, render),
        ...(personalSound !== undefined && { sound: required("sound", render(personalSound)) }),
        ...(personalKey !== undefined && { collapseKey: checked("collapseKey", render(personalKey), isCollapseKey) }),
        ...(personalTags && {
          tags: mapValues(personalTags, (value, key) => checked(`tags.${key}`, render(value), isTagValue)),
        }),
      };
    });
  };
}

function renderContent(content: Content, render: (text: string) => string): Content {
  const { title, subtitle, body, images, data, clickAction, category } = content;
  return {
    ...(title !== undefined && { title: render(title) }),
    ...(subtitle !== undefined && { subtitle: render(subtitle) }),
    ...(body !== undefined && { body: render(body) }),
    ...(images && { images: images.map((image) => checked("images", render(image), isImageUrl)) }),
    ...(data && { data: mapValues(data, render) }),
    ...(clickAction !== undefined && { clickAction: render(clickAction) }),
    ...(category !== undefined && { category: render(category) }),
  };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (value: string, key: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function required(field: string, value: string): string {
  return checked(field, value, (text) => text.length > 0);
}

function checked(field: string, value: string, isValid: (value: string) => boolean): string {
  if (!isValid(value)) throw new RenderError(`What ${field} renders to is not valid there.`);
  return value;
}
