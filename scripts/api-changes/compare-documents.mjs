// What two OpenAPI documents of one API differ in, and whether it breaks those who call it.
import { apiCompare } from "api-smart-diff";
import { comparableDocument } from "./comparable-document.mjs";
import { DOCUMENT_RULES } from "./document-rules.mjs";
import { placeOf } from "./place-of.mjs";
import { wordsOf } from "./words-of.mjs";

/** As much of what changed as a sentence bears: patterns and whole schemas are longer. */
const MAX_CHARACTERS = 200;

/** In this order they are said: descriptions change by the hundred. */
const ORDER = ["breaking", "compatible", "note"];

/** The places of one change that are named, beside the first. */
const NAMED_PLACES = 5;

/**
 * The changes from one document to another, each once with its `kind`, `breaking` or `compatible`, and as a `sentence`;
 * breaking ones first, and what is for people alone last. What is the same change in many places, of a shared schema or in many operations, is one.
 */
export function compareDocuments(before, after) {
  const [was, is] = [comparableDocument(before), comparableDocument(after)];
  forgetEqual(was, is);
  const { diffs } = apiCompare(copyOf(was), copyOf(is), { rules: DOCUMENT_RULES });
  const changes = diffs.flatMap((diff) => changeOf(diff, { before, was }));
  const inOrder = changes.sort((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight));
  return together(inOrder);
}

// The comparison writes into what it compares.
const copyOf = (document) => JSON.parse(JSON.stringify(document));

// Most operations and responses are equal, and to look for that takes a hundredth of the time.
function forgetEqual(was, is) {
  for (const [path, item] of Object.entries(was.paths)) {
    const other = is.paths[path] ?? {};
    forgetEqualEntries(item, other);
    for (const [method, { responses }] of Object.entries(item)) {
      forgetEqualEntries(responses, other[method]?.responses ?? {});
    }
  }
}

function forgetEqualEntries(some, others) {
  for (const [name, value] of Object.entries(some)) {
    if (JSON.stringify(value) !== JSON.stringify(others[name])) continue;
    delete some[name];
    delete others[name];
  }
}

function changeOf(diff, { before, was }) {
  const place = placeOf(diff, { document: before, comparable: was });
  // The path's own change says it.
  if (place.isNameInPath) return [];
  const kind = ["breaking", "unclassified"].includes(diff.type) ? "breaking" : "compatible";
  return [{ kind, weight: diff.type === "annotation" ? "note" : kind, place, words: wordsOf(diff, place) }];
}

/** The same change in many places as one, told of the first of them. */
function together(changes) {
  const groups = new Map();
  for (const change of changes) {
    const key = JSON.stringify([change.kind, change.place.within, change.words]);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].map(([{ kind, place, words }, ...same]) => {
    const others = new Map(same.map((change) => [change.place.text, change.place.operation]));
    others.delete(place.text);
    return { kind, sentence: `${place.text}: ${abridged(words)}${alsoIn([...others.values()], place.component)}` };
  });
}

const abridged = (words) => (words.length > MAX_CHARACTERS ? `${words.slice(0, MAX_CHARACTERS)} …` : words);

function alsoIn(operations, component) {
  if (operations.length === 0) return "";
  if (component) return ` (${component}, which is in ${operations.length + 1} places)`;
  const named = operations.slice(0, NAMED_PLACES).join(", ");
  const unnamed = operations.length - NAMED_PLACES;
  return unnamed > 0 ? ` (so in ${named} and ${unnamed} more)` : ` (so in ${named})`;
}
