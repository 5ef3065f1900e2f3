// Where in an API a difference of two documents is, in words.
import { follow } from "./comparable-document.mjs";

/**
 * The place of a difference: its `text`, with the `operation`; `within`, which is equal for places that are one place of
 * a shared schema, or the same part of several operations; the shared schema's name, `component`; and the `keyword`
 * that differs, with the keys `below` it, where it is not the whole element that was added or removed.
 */
export function placeOf(diff, { document, comparable }) {
  const { path } = diff;
  if (path[0] !== "paths") return outsideOfPaths(path);
  // Paths are told by their operations; only a path that is renamed is one itself.
  if (path.length < 3) return { text: path[1] ?? diff.before, within: [path[1] ?? diff.before], below: [] };
  const [, url, method, ...rest] = path;
  const operation = `${method.toUpperCase()} ${url}`;
  const part = readPart(rest, { diff, parameters: comparable.paths[url]?.[method]?.parameters ?? [] });
  const schema = readSchema(part.schema ?? []);
  const [keyword, ...below] = part.schema ? schema.rest : part.rest;
  const text = [operation, part.text, schema.text].filter(Boolean).join(", ");
  const isNameInPath = part.isInPath && keyword === "name";
  const shared = part.schema && sharedSchema(path, document);
  const isOperation = rest.length === 0;
  const within = shared
    ? [shared.component, part.side, shared.text]
    : [part.text, schema.text, isOperation && operation];
  return { text, operation, within, component: shared?.component, keyword, below, isNameInPath };
}

function outsideOfPaths([first, ...rest]) {
  if (first !== "components") return { text: "the document", within: [], keyword: first, below: rest };
  const [, name, keyword, ...below] = rest;
  return { text: `security scheme ${name}`, within: [name], keyword, below };
}

function readPart([first, ...rest], { diff, parameters }) {
  if (first === "parameters" && rest.length > 0) {
    const [index, ...below] = rest;
    const { in: place, name } = below.length === 0 ? (diff.after ?? diff.before) : parameters[index];
    return { ...inside(`${place} parameter ${name}`, below), side: "request", isInPath: place === "path" };
  }
  if (first === "requestBody") return { ...inside("request body", rest), side: "request" };
  if (first === "responses" && rest.length > 0) {
    const [status, ...below] = rest;
    const isHeader = below[0] === "headers" && below.length > 1;
    const text = isHeader ? `response ${status}, header ${below[1]}` : `response ${status}`;
    return { ...inside(text, isHeader ? below.slice(2) : below), side: "response" };
  }
  return { text: "", rest: first === undefined ? [] : [first, ...rest] };
}

// The one media type of nearly all bodies is not worth a word.
function inside(text, rest) {
  if (rest[0] === "schema") return { text, schema: rest.slice(1) };
  if (rest[0] !== "content" || rest.length < 2) return { text, rest };
  const [, mediaType, ...below] = rest;
  const isJson = below[0] === "schema" && /json$/.test(mediaType);
  const named = isJson ? text : `${text}, ${mediaType}`;
  return below[0] === "schema" ? { text: named, schema: below.slice(1) } : { text: named, rest: below };
}

/** A path within a schema as the path of a value, and what of it remains. */
function readSchema(path) {
  let text = "";
  let rest = path;
  while (rest.length > 0) {
    const [key, name] = rest;
    if (key === "properties" && name !== undefined) [text, rest] = [`${text}/${name}`, rest.slice(2)];
    else if (key === "items") [text, rest] = [`${text}/*`, rest.slice(1)];
    else if (key === "additionalProperties") {
      if (rest.length === 1) break;
      [text, rest] = [`${text}/<any>`, rest.slice(1)];
    } else if (key === "propertyNames") [text, rest] = [`${text} (its keys)`, rest.slice(1)];
    else if ((key === "anyOf" || key === "oneOf") && rest.length > 2)
      [text, rest] = [`${text} (form ${name + 1})`, rest.slice(2)];
    else break;
  }
  return { text, rest };
}

/** The innermost schema on the way to a place that has a name in the document, and what is below it. */
function sharedSchema(path, document) {
  let found;
  let value = document;
  for (const [index, key] of path.entries()) {
    value = value?.[key];
    const { value: target, references } = follow(value, document);
    const component = references.at(-1)?.split("/").at(-1);
    if (component) found = { component, text: readSchema(path.slice(index + 1)).text };
    value = target;
  }
  return found;
}
