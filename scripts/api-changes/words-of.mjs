// What a difference of two documents is, in words.
import { isNote } from "./notes.mjs";

/** As much of a value as a sentence bears: patterns and whole schemas are longer. */
const MAX_CHARACTERS = 120;

/** Keywords whose values are words of their own. */
const BARE = new Set(["type", "presence", "operationId", "security", "format"]);

/** What became of the place of a difference, as the end of a sentence. */
export function wordsOf(diff, { keyword, below }) {
  const { action, before, after } = diff;
  if (action === "rename") return `renamed to ${after}`;
  if (keyword === undefined) return ofWhole(diff);
  if (isNote(keyword) || keyword === "info" || keyword === "openapi") return `${keyword} changed`;
  if (keyword === "enum" && below.length > 0) return ofValue(diff);
  if (keyword === "presence") return `${before} → ${after}`;
  if ((keyword === "anyOf" || keyword === "oneOf") && below.length > 0) return ofForm(diff);
  const name = keyword === "required" ? keyword : [keyword, ...below].join("/");
  const show = (value) => (BARE.has(keyword) && typeof value === "string" ? value : shown(value));
  if (action === "add") return `${name} ${show(after)} added`;
  if (action === "remove") return `${name} ${show(before)} removed`;
  return `${name} ${show(before)} → ${show(after)}`;
}

function ofWhole({ action, before, after }) {
  if (action === "remove") return "removed";
  if (action === "add")
    return ["required", "optional"].includes(after?.presence) ? `added, ${after.presence}` : "added";
  return `${shown(before)} → ${shown(after)}`;
}

function ofValue({ action, before, after }) {
  if (action === "replace") return `value ${shown(before)} → ${shown(after)}`;
  return action === "add" ? `value ${shown(after)} added` : `value ${shown(before)} removed`;
}

function ofForm({ action, before, after }) {
  if (action === "replace") return `form ${shown(before)} → ${shown(after)}`;
  return action === "add" ? `may also be ${form(after)}` : `may no longer be ${form(before)}`;
}

const form = (schema) => (Object.keys(schema).join() === "type" ? schema.type : shown(schema));

function shown(value) {
  const text = JSON.stringify(value);
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)} …` : text;
}
