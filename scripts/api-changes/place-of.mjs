// Where in an API a difference of two documents is, in words.

/**
 * The place of a difference: its `text`, with the `operation`; `within`, which is equal for places that are one place of
 * a shared part of the document, or the same part of several operations; what that is called, `component`; and the
 * `keyword` that differs, with the keys `below` it, where it is not the whole element that was added or removed.
 */
export function placeOf(diff, { was, is }) {
  const { path } = diff;
  if (path[0] !== "paths") return outsideOfPaths(path);
  // Paths are told by their operations; only a path that is renamed is one itself.
  if (path.length < 3) return { text: path[1] ?? diff.before, within: [path[1] ?? diff.before], below: [] };
  const [, url, method, ...rest] = path;
  const operation = `${method.toUpperCase()} ${url}`;
  const part = readPart(rest, { diff, parameters: was.comparable.paths[url]?.[method]?.parameters ?? [] });
  const schema = readSchema(part.schema ?? []);
  const [keyword, ...below] = part.schema ? schema.rest : part.rest;
  const text = [operation, part.text, schema.text].filter(Boolean).join(", ");
  const isNameInPath = part.isInPath && keyword === "name";
  const isOperation = rest.length === 0;
  const tail = keyword === undefined ? 0 : below.length + 1;
  // What is new has its origin in the document that has it.
  const shared = sharedPart(path, { tail, ...(diff.action === "add" ? is : was) });
  const within = shared ? [part.side, ...shared.within] : [part.text, schema.text, isOperation && operation];
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

/**
 * The innermost part with a name in the document that a place is in, and where in it the place is. What another schema
 * narrows changes with that, or with the shared one: it is one place of the shared one, and has no name of it.
 */
function sharedPart(path, { tail, comparable, origins }) {
  const place = path.slice(0, path.length - tail);
  let found;
  let value = comparable;
  for (const [index, key] of path.entries()) {
    value = value?.[key];
    const origin = typeof value === "object" && value ? origins.get(value) : undefined;
    // A whole part that comes or goes does so in what it is a part of.
    const isWhole = index === path.length - 1 && origin?.path.length === 0;
    if (!origin || isWhole) continue;
    const within = [origin.component, ...origin.path, ...place.slice(index + 1)];
    found = { within, component: origin.isNarrowed ? found?.component : origin.component };
  }
  return found;
}
