// What a document tells people and promises programs nothing.
import { entries, fromEntries, keys } from "./maps.mjs";
import { follow } from "./references.mjs";

const NOTES = new Set([
  ...["title", "summary", "description", "example", "examples", "externalDocs", "deprecated", "tags", "servers"],
  ...["$schema", "$comment"],
]);

/** Whether a key of the document is a note. Where names are given freely, of properties for one, it is never asked. */
export const isNote = (key) => NOTES.has(key) || String(key).startsWith("x-");

/** `part` of a document with each of its notes as one text: of a note it is said that it has changed, not in what. */
export function withNotesAsText(part, document) {
  const copy = { ...part };
  for (const key of keys(part)) if (isNote(key)) copy[key] = noteText(key, part[key], document);
  return copy;
}

// Examples of a body have names, and are each perhaps a reference.
function noteText(key, value, document) {
  if (typeof value === "string") return value;
  if (key !== "examples" || Array.isArray(value)) return asText(value);
  const examples = entries(value).map(([name, one]) => [name, follow(one, document).value]);
  return asText(fromEntries(examples));
}

/** `value` as text that is equal for equal values. */
export const asText = (value) => JSON.stringify(value, (_key, part) => (isMap(part) ? inOrder(part) : part));

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const inOrder = (map) => fromEntries(entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
