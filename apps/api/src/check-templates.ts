import { type FieldProblem, isTemplate, type SendRequest } from "@fanfare/domain";
import { checkTemplate } from "@fanfare/templates";
import { jsonPointer } from "./json-pointer.js";

/** What is wrong with the Liquid in a request: each bad field, with line and column. */
export function checkTemplates({ content, tags, sound, collapseKey }: SendRequest): FieldProblem[] {
  const texts = [
    ...textsOf(content, ["content"]),
    ...textsOf(tags, ["tags"]),
    ...textsOf(sound, ["sound"]),
    ...textsOf(collapseKey, ["collapseKey"]),
  ];
  return texts.flatMap(({ path, text }) => {
    const problem = isTemplate(text) ? checkTemplate(text) : undefined;
    if (!problem) return [];
    const { line, column, message } = problem;
    return [
      { pointer: jsonPointer(path), code: "template-syntax", detail: `Line ${line}, column ${column}: ${message}` },
    ];
  });
}

function textsOf(value: unknown, path: readonly string[]): { path: readonly string[]; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...path, key]));
}
