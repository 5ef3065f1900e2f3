// What a change of a document means to those who call the API, in the form of api-smart-diff: of each place what it
// means that something is added, removed or replaced. What no rule names is unclassified, and taken as breaking.
import {
  breaking,
  compareTransformationFactory,
  nonBreaking,
  paramMappingResolver,
  pathMappingResolver,
} from "api-smart-diff";
import { isNote } from "./notes.mjs";
import { NOTE, schemaRules } from "./schema-rules.mjs";

/** More to call, or more in an answer, breaks nobody. */
const ADDITION = [nonBreaking, breaking, breaking];

/** More to send breaks those who do not. */
const ifOptional = ({ after }) => (after.value.presence === "required" ? breaking : nonBreaking);
const INPUT = [ifOptional, breaking, breaking];

const becomes = (presence) => ({
  $: [breaking, breaking, ({ after }) => (after.value === presence ? nonBreaking : breaking)],
});

const others = { "/*": ({ key }) => (isNote(key) ? NOTE : {}) };

const content = (side) => ({
  "/*": { $: ADDITION, ...others, "/schema": () => schemaRules(side) },
});

const parameter = {
  ...others,
  $: INPUT,
  "/presence": becomes("optional"),
  "/schema": () => schemaRules("request"),
  "/content": content("request"),
};

const requestBody = { ...others, $: INPUT, "/presence": becomes("optional"), "/content": content("request") };

const header = {
  ...others,
  $: ADDITION,
  "/presence": becomes("required"),
  "/schema": () => schemaRules("response"),
  "/content": content("response"),
};

const response = {
  ...others,
  $: ADDITION,
  "/headers": { "/*": header },
  "/content": content("response"),
};

// Whoever knew a way in still has one: it asks for no other scheme, and for no scope more.
function security({ before, after }) {
  const [were, are] = [before, after].map(({ value }) => value.split(" or ").map(schemesOf));
  const isEnoughFor = (had, asked) =>
    asked.every(([name, scopes]) =>
      had.some(([known, granted]) => known === name && scopes.every((scope) => granted.includes(scope))),
    );
  return were.every((had) => are.some((asked) => isEnoughFor(had, asked))) ? nonBreaking : breaking;
}

/** The schemes of one way in, as `comparableDocument` writes it, each with its scopes. */
function schemesOf(way) {
  if (way === "open") return [];
  return way.split(" with ").map((scheme) => {
    const [name, ...scopes] = scheme.split(" ");
    return [name, scopes];
  });
}

const operation = {
  ...others,
  $: ADDITION,
  // Clients are generated with it as the name of a function.
  "/operationId": { $: ADDITION },
  "/security": { $: [breaking, breaking, security] },
  "/parameters": { mapping: paramMappingResolver, "/*": parameter },
  "/requestBody": requestBody,
  "/responses": { "/*": response },
};

// Which of them an operation takes, and no longer takes, is said of the operation.
const securityScheme = { ...others, $: [nonBreaking, nonBreaking, breaking] };

// A path that is only in one of them is told by its operations, as those of a path that is in both.
const withPathsOf = compareTransformationFactory((paths, other) => {
  const shape = (path) => path.replaceAll(/\{.*?\}/g, "{}");
  const shapes = new Set(Object.keys(paths).map(shape));
  const missing = Object.keys(other).filter((path) => !shapes.has(shape(path)));
  return { ...paths, ...Object.fromEntries(missing.map((path) => [path, {}])) };
});

/** The rules by which two documents, both as `comparableDocument` makes them, are compared. */
export const DOCUMENT_RULES = {
  ...others,
  "/openapi": NOTE,
  "/info": NOTE,
  "/components": { "/securitySchemes": { "/*": securityScheme } },
  // A parameter's name in a path is an argument's name in a generated client, so that a path that is renamed breaks it.
  "/paths": { transform: [withPathsOf], mapping: pathMappingResolver, "/*": { $: ADDITION, "/*": operation } },
};
