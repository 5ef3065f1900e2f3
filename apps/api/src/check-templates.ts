import { type FieldProblem, isTemplate, type SendRequest } from "@fanfare/domain";
import { checkTemplate } from "@fanfare/templates";

/** What is wrong with the Liquid in a request: each bad field, with line and column. */
export function checkTemplates({ content, tags, sound, collapseKey }: SendRequest): FieldProblem[] {
  const texts = [
    ...textsOf(content, "/content"),
    ...textsOf(tags, "/tags"),
    ...textsOf(sound, "/sound"),
    ...textsOf(collapseKey, "/collapseKey"),
  ];
  return texts.flatMap(({ pointer, text }) => {
    const problem = isTemplate(text) ? checkTemplate(text) : undefined;
    if (!problem) return [];
    const { line, column, message } = problem;
    return [{ pointer, code: "template-syntax", detail: `Line ${line}, column ${column}: ${message}` }];
  });
}

function textsOf(value: unknown, pointer: string): { pointer: string; text: string }[] {
  if (typeof value === "string") return [{ pointer, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    textsOf(item, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
}
