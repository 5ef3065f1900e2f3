// What two OpenAPI documents of one API differ in, and whether it breaks those who call it.
import { apiCompare } from "api-smart-diff";
import { comparableDocument } from "./comparable-document.mjs";
import { differingParts } from "./differing-parts.mjs";
import { DOCUMENT_RULES } from "./document-rules.mjs";
import { placeOf } from "./place-of.mjs";
import { wordsOf } from "./words-of.mjs";

/** In this order they are said. */
const ORDER = ["breaking", "compatible", "note"];

/** Notes that change by the hundred, where somebody has gone through the words: of more than one only the number is said. */
const COUNTED = {
  title: "titles",
  summary: "summaries",
  description: "descriptions",
  example: "examples",
  examples: "examples",
  "x-codeSamples": "x-codeSamples",
};

/** The places of one change that are named, beside the first. */
const NAMED_PLACES = 5;

/**
 * The changes from one document to another, each once with its `kind`, `breaking` or `compatible`, and as a `sentence`;
 * breaking ones first, and what is for people alone last. What is the same change in many places, of a shared part or
 * in many operations, is one.
 */
export const compareDocuments = (before, after) => comparisonWith(before)(after);

/** The same with one document that is compared with many, and read once. */
export function comparisonWith(before) {
  const was = comparableDocument(before);
  return (after) => {
    const is = comparableDocument(after);
    const parts = differingParts(was.comparable, is.comparable);
    const { diffs } = apiCompare(copyOf(parts.before), copyOf(parts.after), { rules: DOCUMENT_RULES });
    const everywhere = diffs.flatMap((diff) => parts.placesOf(diff.path).map((path) => ({ ...diff, path })));
    return sentencesOf(everywhere.flatMap((diff) => changeOf(diff, { was, is })));
  };
}

function sentencesOf(changes) {
  const groups = together(changes).sort(([a], [b]) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight));
  const isCounted = ([{ weight, place }]) => weight === "note" && place.keyword in COUNTED;
  return [...groups.filter((group) => !isCounted(group)).map(told), ...counted(groups.filter(isCounted))];
}

// The comparison writes into what it compares.
const copyOf = (document) => JSON.parse(JSON.stringify(document));

function changeOf(diff, { was, is }) {
  const place = placeOf(diff, { was, is });
  // The path's own change says it.
  if (place.isNameInPath) return [];
  const kind = ["breaking", "unclassified"].includes(diff.type) ? "breaking" : "compatible";
  return [{ kind, weight: diff.type === "annotation" ? "note" : kind, place, words: wordsOf(diff, place), diff }];
}

/** The changes in groups of those that are the same one, in many places. */
function together(changes) {
  const groups = new Map();
  for (const change of changes) {
    const key = JSON.stringify(sameness(change));
    const group = groups.get(key);
    if (group) group.push(change);
    else groups.set(key, [change]);
  }
  return [...groups.values()];
}

// The same words are put where they are read, of a parameter and of its schema for one.
function sameness({ kind, weight, place, words, diff: { before, after } }) {
  if (weight === "note") return [place.keyword, before, after];
  // Of a whole part that came or went, what it is like is not said.
  return [kind, place.within, words, ...(place.keyword === undefined ? [] : [before, after])];
}

/** A group in one sentence, which names the first of its places. */
function told([{ kind, place, words }, ...same]) {
  const component = same.every((change) => change.place.component === place.component) && place.component;
  const others = same.filter((change) => change.place.text !== place.text).map((change) => change.place);
  return {
    kind,
    sentence: `${place.text}: ${words}${component ? howOften(component, others) : alsoIn(place, others)}`,
  };
}

function howOften(component, others) {
  const places = new Set(others.map(({ text }) => text));
  return places.size > 0 ? ` (${component}, which is in ${places.size + 1} places)` : "";
}

function alsoIn({ operation }, others) {
  const operations = [...new Set(others.map((other) => other.operation))].filter((other) => other !== operation);
  if (operations.length === 0) return "";
  const named = operations.slice(0, NAMED_PLACES).join(", ");
  const unnamed = operations.length - NAMED_PLACES;
  return unnamed > 0 ? ` (so in ${named} and ${unnamed} more)` : ` (so in ${named})`;
}

/** One sentence of each kind of notes. */
function counted(groups) {
  return [...new Set(Object.values(COUNTED))].flatMap((name) => {
    const ofKind = groups.filter(([{ place }]) => COUNTED[place.keyword] === name);
    if (ofKind.length < 2) return ofKind.map(told);
    return [{ kind: "compatible", sentence: `${name}: ${ofKind.length} changed` }];
  });
}
