// An OpenAPI document in the one form in which two that promise the same are equal.

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** What tells people something and promises programs nothing. */
export const NOTES = new Set([
  ...["title", "summary", "description", "example", "examples", "externalDocs", "deprecated", "tags", "servers"],
  ...["$schema", "$comment"],
]);

/** Whether a key of the document is a note. Where names are given freely, of properties for one, it is never asked. */
export const isNote = (key) => NOTES.has(key) || String(key).startsWith("x-");

/** Keys of a schema that hold a schema, a list of them, or them by name. */
const SCHEMA_KEYS = ["items", "additionalProperties", "propertyNames", "not", "contains", "if", "then", "else"];
const SCHEMA_LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMA_MAPS = ["patternProperties", "dependentSchemas"];

/**
 * What `document` says without references, whose operations each say all that holds for them: whether they are open,
 * their path's parameters, and of every property, parameter, header and body its `presence`, required or optional.
 * A schema that contains itself ends where it begins anew, in `recursion`, the number of steps up to its beginning.
 * Parts of it are those of `document`, and stand in it more than once.
 */
export function comparableDocument(document) {
  const { security = [], components = {}, paths = {}, ...rest } = document;
  const source = { document, shared: new Map() };
  const operations = Object.entries(paths).map(([path, item]) => [path, operationsOf(item, { source, security })]);
  return {
    ...rest,
    components: { securitySchemes: components.securitySchemes ?? {} },
    paths: Object.fromEntries(operations),
  };
}

function operationsOf(reference, { source, security }) {
  const item = follow(reference, source.document).value;
  const read = (method) => comparableOperation(item[method], { source, security, inherited: item.parameters ?? [] });
  return Object.fromEntries(METHODS.filter((method) => item[method]).map((method) => [method, read(method)]));
}

function comparableOperation(operation, { source, security, inherited }) {
  const { document } = source;
  const { parameters = [], requestBody, responses = {}, ...rest } = operation;
  const body = requestBody && withContent(follow(requestBody, document).value, source);
  const [own, ofPath] = [parameters, inherited].map((list) => list.map((one) => follow(one, document).value));
  const isOverruled = ({ name, in: place }) => own.some((one) => one.name === name && one.in === place);
  return {
    ...rest,
    security: waysIn(operation.security ?? security),
    parameters: [...own, ...ofPath.filter((one) => !isOverruled(one))].map((one) => withSchema(one, source)),
    ...(body && { requestBody: withPresence(body) }),
    responses: mapValues(responses, (response) => comparableResponse(follow(response, document).value, source)),
  };
}

function comparableResponse(response, source) {
  const read = (header) => withSchema(follow(header, source.document).value, source);
  return { ...withContent(response, source), headers: mapValues(response.headers ?? {}, read) };
}

// One sentence in place of a list of maps: `{}` and no list at all are the same open door.
function waysIn(security) {
  const ways = security.map((schemes) => {
    const names = Object.entries(schemes).map(([name, scopes]) => [name, ...scopes.toSorted()].join(" "));
    return names.toSorted().join(" with ") || "open";
  });
  return [...new Set(ways.length > 0 ? ways : ["open"])].toSorted().join(" or ");
}

const withPresence = ({ required = false, ...rest }) => ({ ...rest, presence: required ? "required" : "optional" });

const withSchema = (holder, source) =>
  withPresence({ ...withContent(holder, source), schema: wholeSchema(holder.schema ?? {}, source) });

function withContent({ content = {}, ...rest }, source) {
  return {
    ...rest,
    content: mapValues(content, (media) => ({ ...media, schema: wholeSchema(media.schema ?? {}, source) })),
  };
}

// Most are of a few shared schemas, the one of errors above all.
function wholeSchema(schema, source) {
  const key = Object.keys(schema).join() === "$ref" && schema.$ref;
  if (!key) return comparableSchema(schema, { document: source.document });
  if (!source.shared.has(key)) source.shared.set(key, comparableSchema(schema, { document: source.document }));
  return source.shared.get(key);
}

function comparableSchema(schema, { document, path = [], above = [] }) {
  const { value, references } = follow(schema, document);
  const again = above.find(({ reference }) => references.includes(reference));
  if (again) return { recursion: path.length - again.depth };
  const within = [...above, ...references.map((reference) => ({ reference, depth: path.length }))];
  if (typeof value === "boolean") return value ? {} : { not: {} };
  const read = (child, ...keys) => comparableSchema(child, { document, path: [...path, ...keys], above: within });
  return inOneForm(withChildren(value, read));
}

function withChildren(schema, read) {
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
    copy.properties = mapValues(schema.properties ?? {}, (one, name) => ({
      ...read(one, "properties", name),
      presence: required.delete(name) ? "required" : "optional",
    }));
    copy.required = [...required];
  }
  return copy;
}

// What JSON Schema has two ways to say.
function inOneForm({ const: only, ...schema }) {
  if (only !== undefined) schema.enum = [only];
  const { additionalProperties } = schema;
  if (additionalProperties && Object.keys(additionalProperties).length === 0) delete schema.additionalProperties;
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
  const entries = Object.entries(schema);
  const promises = Object.fromEntries(entries.filter((entry) => !isOfWhole(entry)));
  return { notes: Object.fromEntries(entries.filter(isOfWhole)), promises };
}

/** What `value` refers to, and by which references; what stands beside a reference holds too. */
export function follow(value, document) {
  const references = [];
  let found = value;
  while (typeof found?.$ref === "string" && !references.includes(found.$ref)) {
    const { $ref, ...beside } = found;
    references.push($ref);
    found = { ...resolve($ref, document), ...beside };
  }
  return { value: found, references };
}

function resolve(reference, document) {
  const keys = reference.split("/").slice(1);
  const names = keys.map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = names.reduce((value, name) => value?.[name], document);
  if (!reference.startsWith("#/") || found === undefined) throw new Error(`${reference} is not in the document`);
  return found;
}

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
