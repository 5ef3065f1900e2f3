// An OpenAPI document in the one form in which two that promise the same are equal.
import { comparableSchema } from "./comparable-schema.mjs";
import { entries, fromEntries, keys, mapValues } from "./maps.mjs";
import { asText, withNotesAsText } from "./notes.mjs";
import { componentOf, follow } from "./references.mjs";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/**
 * What `document` says without references, as `comparable`, whose operations each say all that holds for them: whether
 * they are open, their path's parameters, and of every property, parameter, header and body its `presence`, required or
 * optional. What is shared stands in it more than once, as one object; `origins` has of its objects which `component`
 * of the document they are, or where in it.
 */
export function comparableDocument(document) {
  const { info, security = [], components = {}, paths = {}, ...rest } = document;
  const source = { document, shared: new Map(), origins: new WeakMap() };
  const comparable = {
    ...withNotesAsText(rest, document),
    info: asText(info),
    components: { securitySchemes: mapValues(components.securitySchemes ?? {}, (one) => withNotesAsText(one)) },
    paths: mapValues(paths, (item) => operationsOf(item, { source, security })),
  };
  return { comparable, origins: source.origins };
}

function operationsOf(reference, { source, security }) {
  const item = follow(reference, source.document).value;
  const read = (method) => comparableOperation(item[method], { source, security, inherited: item.parameters ?? [] });
  return fromEntries(METHODS.filter((method) => item[method]).map((method) => [method, read(method)]));
}

function comparableOperation(operation, { source, security, inherited }) {
  const { document } = source;
  const { parameters = [], requestBody, responses = {}, ...rest } = operation;
  const body = requestBody && withContent(follow(requestBody, document).value, source);
  const [own, ofPath] = [parameters, inherited].map((list) => list.map((one) => follow(one, document).value));
  const isOverruled = ({ name, in: place }) => own.some((one) => one.name === name && one.in === place);
  return {
    ...withNotesAsText(rest, document),
    security: waysIn(operation.security ?? security),
    parameters: [...own, ...ofPath.filter((one) => !isOverruled(one))].map((one) => withSchema(one, source)),
    ...(body && { requestBody: withPresence(body) }),
    responses: mapValues(responses, (response) => once(response, source, comparableResponse)),
  };
}

/** What `read` makes of a part that may be shared, which is read once. */
function once(part, source, read) {
  const { shared, origins } = source;
  if (keys(part).join() !== "$ref") return read(part, source);
  if (!shared.has(part.$ref)) {
    const found = read(part, source);
    origins.set(found, { component: componentOf(part.$ref), path: [] });
    shared.set(part.$ref, found);
  }
  return shared.get(part.$ref);
}

function comparableResponse(reference, source) {
  const response = follow(reference, source.document).value;
  const headers = mapValues(response.headers ?? {}, (header) => once(header, source, comparableHeader));
  return { ...withContent(response, source), headers };
}

const comparableHeader = (reference, source) => withSchema(follow(reference, source.document).value, source);

// One sentence in place of a list of maps: `{}` and no list at all are the same open door.
function waysIn(security) {
  const ways = security.map((schemes) => {
    const names = entries(schemes).map(([name, scopes]) => [name, ...scopes.toSorted()].join(" "));
    return names.toSorted().join(" with ") || "open";
  });
  return [...new Set(ways.length > 0 ? ways : ["open"])].toSorted().join(" or ");
}

const withPresence = ({ required = false, ...rest }) => ({ ...rest, presence: required ? "required" : "optional" });

const withSchema = (holder, source) =>
  withPresence({ ...withContent(holder, source), schema: once(holder.schema ?? {}, source, comparableSchema) });

function withContent({ content = {}, ...rest }, source) {
  const read = (media) => ({
    ...withNotesAsText(media, source.document),
    schema: once(media.schema ?? {}, source, comparableSchema),
  });
  return { ...withNotesAsText(rest, source.document), content: mapValues(content, read) };
}
