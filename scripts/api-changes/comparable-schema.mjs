// A schema in the one form in which two that allow the same are equal.

import { entries, fromEntries, keys, mapValues } from "./maps.mjs";
import { mergedSchema } from "./merged-schema.mjs";
import { isNote, withNotesAsText } from "./notes.mjs";
import { componentOf, follow } from "./references.mjs";

/** Keys of a schema that hold a schema, a list of them, or them by name. */
const SCHEMA_KEYS = ["items", "additionalProperties", "propertyNames", "not", "contains", "if", "then", "else"];
const SCHEMA_LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMA_MAPS = ["patternProperties", "dependentSchemas"];

/**
 * What `schema` says without references, each of its properties with its `presence`, required or optional. One that
 * contains itself ends where it begins anew, in `recursion`, the number of steps up to its beginning. `origins` gets to
 * know which parts of it are those of a shared schema.
 */
export function comparableSchema(schema, { document, origins }, { path = [], above = [] } = {}) {
  const { value, references } = follow(schema, document);
  const again = above.find(({ reference }) => references.includes(reference));
  if (again) return { recursion: path.length - again.depth };
  if (typeof value === "boolean") return value ? {} : { not: {} };
  const merged =
    value.allOf &&
    mergedSchema(value, { document, origins, above: [...above.map(({ reference }) => reference), ...references] });
  const all = merged ? [...references, ...merged.references] : references;
  const within = all.length > 0 ? [...above, ...all.map((reference) => ({ reference, depth: path.length }))] : above;
  const read = (child, ...keys) =>
    comparableSchema(child, { document, origins }, { path: [...path, ...keys], above: within });
  const found = inOneForm(withNotesAsText(withChildren(merged?.value ?? value, { read, origins }), document));
  const origin = references.length > 0 ? { component: componentOf(references.at(-1)), path: [] } : origins.get(schema);
  if (origin) origins.set(found, origin);
  return found;
}

function withChildren(schema, { read, origins }) {
  const copy = { ...schema };
  for (const key of SCHEMA_KEYS) {
    // `false` is what closes an object, and no schema of what is in it.
    if (key in copy && copy[key] !== false) copy[key] = read(schema[key], key);
  }
  for (const key of SCHEMA_LISTS) if (key in copy) copy[key] = schema[key].map((one, index) => read(one, key, index));
  for (const key of SCHEMA_MAPS)
    if (key in copy) copy[key] = mapValues(schema[key], (one, name) => read(one, key, name));
  if (copy.properties || copy.type === "object") {
    const required = new Set(copy.required);
    copy.properties = mapValues(schema.properties ?? {}, (one, name) => {
      const found = read(one, "properties", name);
      const property = { ...found, presence: required.delete(name) ? "required" : "optional" };
      if (origins.has(found)) origins.set(property, origins.get(found));
      return property;
    });
    copy.required = [...required];
  }
  return copy;
}

// What JSON Schema has two ways to say.
function inOneForm({ const: only, ...schema }) {
  if (only !== undefined) schema.enum = [only];
  const { additionalProperties } = schema;
  if (additionalProperties && keys(additionalProperties).length === 0) delete schema.additionalProperties;
  if (!Array.isArray(schema.type)) return schema;
  if (schema.enum || schema.anyOf) return { ...schema, type: schema.type.toSorted().join(" or ") };
  const { type, ...rest } = schema;
  const { notes, promises } = apart(rest);
  const forms = type.map((name) => (name === "null" ? { type: name } : { type: name, ...promises }));
  return { ...notes, anyOf: forms };
}

/** What a schema says of its values, apart from what is said of the schema as a whole whatever its forms are. */
export function apart(schema) {
  const isOfWhole = ([key]) => isNote(key) || key === "default" || key === "presence";
  const all = entries(schema);
  const promises = fromEntries(all.filter((entry) => !isOfWhole(entry)));
  return { notes: fromEntries(all.filter(isOfWhole)), promises };
}
