// A schema in place of several that hold at once.
import { isDeepStrictEqual } from "node:util";
import { isNote } from "./notes.mjs";
import { componentOf, follow } from "./references.mjs";

/**
 * `schema` without its `allOf`, as one that allows the same, and the references that led to its parts; undefined where
 * that would take more than to put keywords beside each other. Of a property of a shared schema, its origin is noted in
 * `origins`, and whether the others narrow it. What is in `above` contains this schema.
 */
export function mergedSchema(schema, { document, origins, above }) {
  const members = membersOf(schema, document);
  const references = members.flatMap((member) => member.references);
  if (references.some((reference) => above.includes(reference))) return undefined;
  if (new Set(references).size < references.length) return undefined;
  if (!members.every((member) => isMergeable(member.value, members))) return undefined;
  const merged = {};
  for (const member of members) {
    noteOrigins(member, origins);
    for (const [key, value] of Object.entries(withEnum(member.value))) {
      const both = key in merged ? combined(key, merged[key], value, origins) : value;
      if (both === undefined) return undefined;
      merged[key] = both;
    }
  }
  return { value: merged, references };
}

// What stands beside `allOf` holds too. Inner ones are taken apart, but for a schema that is one of its own parts.
function membersOf(schema, document, within = []) {
  const { allOf, ...beside } = schema;
  const inner = allOf.flatMap((one) => {
    const { value, references } = follow(one, document);
    const isWithin = references.some((reference) => within.includes(reference));
    if (!value.allOf || isWithin) return [{ value, references }];
    const [first, ...others] = membersOf(value, document, [...within, ...references]);
    return [{ ...first, references: [...references, ...first.references] }, ...others];
  });
  return [...inner, { value: beside, references: [] }];
}

// A closed object is closed to the properties of the others.
function isMergeable(value, members) {
  if (typeof value === "boolean" || value.allOf || value.patternProperties) return false;
  const { additionalProperties, properties = {} } = value;
  if (additionalProperties === undefined) return true;
  return members.every(({ value: other }) => Object.keys(other.properties ?? {}).every((name) => name in properties));
}

function noteOrigins({ value, references }, origins) {
  const reference = references.at(-1);
  if (!reference) return;
  for (const [name, property] of Object.entries(value.properties ?? {})) {
    if (typeof property !== "object" || property.$ref) continue;
    origins.set(property, { component: componentOf(reference), path: ["properties", name] });
  }
}

const withEnum = ({ const: only, ...schema }) => (only === undefined ? schema : { ...schema, enum: [only] });

/** What two values of a keyword, of schemas that hold at once, are in one schema; undefined where nothing is. */
function combined(key, some, others, origins) {
  if (key === "properties") return combinedProperties(some, others, origins);
  if (key === "items") return { allOf: [some, others] };
  if (key === "required") return [...new Set([...some, ...others])];
  if (key === "enum") return some.filter((value) => others.some((other) => isDeepStrictEqual(value, other)));
  if (isDeepStrictEqual(some, others)) return some;
  // Both are told, so that of neither a change is silent.
  return isNote(key) ? [some, others].flat() : undefined;
}

function combinedProperties(some, others, origins) {
  const both = { ...some };
  for (const [name, schema] of Object.entries(others)) {
    both[name] = name in some ? { allOf: [some[name], schema] } : schema;
    if (name in some && origins.has(some[name]))
      origins.set(both[name], { ...origins.get(some[name]), isNarrowed: true });
  }
  return both;
}
