// What a change of a schema means to those who call the API, in the form of api-smart-diff.
//
// A schema narrows when it allows fewer values than before. In a request that refuses what was taken; in a response it
// promises more. It widens when it allows more: a request takes more, a response may hold what clients do not expect.
import {
  annotation,
  breaking,
  combinaryCompareResolver,
  compareTransformationFactory,
  enumMappingResolver,
  nonBreaking,
  requiredMappingResolver,
} from "api-smart-diff";
import { apart } from "./comparable-schema.mjs";
import { isNote } from "./notes.mjs";

/**
 * Properties of responses whose lists of values are open: new ones may come, and clients have to take those that they do
 * not know. Whoever does not know a `code` has the HTTP status to go by. All other lists (statuses, outcomes, providers)
 * are closed: clients branch on them, and generated ones refuse what is not in their list.
 */
const OPEN_LISTS = new Set(["code"]);

/** A note, with all that is in it. */
export const NOTE = { $: [annotation, annotation, annotation], "/**": { $: [annotation, annotation, annotation] } };

const VERDICTS = {
  request: { narrower: breaking, wider: nonBreaking },
  response: { narrower: nonBreaking, wider: breaking },
};

/** The rules of a schema on one side; of a keyword that has none each change is unclassified. */
export function schemaRules(side) {
  const { narrower, wider } = VERDICTS[side];
  const constraint = { $: [narrower, wider, breaking] };
  const atMost = { $: [narrower, wider, ({ before, after }) => (after.value < before.value ? narrower : wider)] };
  const atLeast = { $: [narrower, wider, ({ before, after }) => (after.value > before.value ? narrower : wider)] };
  const schema = (own) => () => ({ ...rules, ...own });
  const forms = {
    ...constraint,
    compare: combinaryCompareResolver,
    "/*": schema({ $: [wider, narrower, breaking] }),
  };
  const rules = {
    transform: [inForms],
    ...keyed(["maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"], atMost),
    ...keyed(["minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"], atLeast),
    ...keyed(["pattern", "format", "multipleOf", "uniqueItems"], constraint),
    ...keyed(["anyOf", "oneOf"], forms),
    ...keyed(["items", "propertyNames"], schema(constraint)),
    "/type": { $: [narrower, wider, ({ before, after }) => typeVerdict(before.value, after.value, VERDICTS[side])] },
    "/presence": { $: [breaking, breaking, ({ after }) => (after.value === "required" ? narrower : wider)] },
    "/required": { mapping: requiredMappingResolver, ...constraint, "/*": constraint },
    "/enum": { mapping: enumMappingResolver, ...constraint, "/*": listedValue(side) },
    "/properties": { "/*": schema({ $: [addedProperty(side), breaking, breaking] }) },
    "/additionalProperties": schema(otherProperties(side)),
    "/default": side === "request" ? DEFAULT_OF_REQUEST : NOTE,
    "/*": ({ key }) => (isNote(key) ? NOTE : {}),
  };
  return rules;
}

const keyed = (keys, rule) => Object.fromEntries(keys.map((key) => [`/${key}`, rule]));

// The same request means something else when another value takes the place of what it leaves out. To say what was
// always done changes nothing.
const DEFAULT_OF_REQUEST = { $: [nonBreaking, breaking, breaking] };

function typeVerdict(before, after, { narrower, wider }) {
  const [were, are] = [before, after].map((types) => String(types).split(" or "));
  const isWithin = (some, all) =>
    some.every((type) => all.includes(type) || (type === "integer" && all.includes("number")));
  if (isWithin(are, were)) return narrower;
  return isWithin(were, are) ? wider : breaking;
}

function listedValue(side) {
  const { narrower, wider } = VERDICTS[side];
  const isOpen = ({ path }) => side === "response" && OPEN_LISTS.has(path[path.lastIndexOf("properties") + 1]);
  const ifOpen = (otherwise) => (ctx) => (isOpen(ctx.before) || isOpen(ctx.after) ? nonBreaking : otherwise);
  return { $: [ifOpen(wider), narrower, ifOpen(breaking)] };
}

// A client takes properties that it does not know; a server that gets less than it asks for refuses it.
const addedProperty =
  (side) =>
  ({ after }) =>
    side === "request" && after.value.presence === "required" ? breaking : nonBreaking;

// Whether an object of a response is closed promises nothing, since properties may be added to it. What its other
// properties are like does.
function otherProperties(side) {
  const { narrower, wider } = VERDICTS[side];
  const unlessClosed = (verdict) => (ctx) =>
    side === "response" && (ctx.before.value === false || ctx.after.value === false) ? nonBreaking : verdict;
  const replaced = ({ after }) => (after.value === false ? narrower : wider);
  return { $: [narrower, unlessClosed(wider), (ctx) => unlessClosed(replaced(ctx))(ctx)] };
}

// A schema that gets a second form, often null, is compared as one that had a single form.
const inForms = compareTransformationFactory((schema, other) => {
  const [formsOf, ownForms] = [other, schema].map((one) => ["anyOf", "oneOf"].find((name) => one?.[name]));
  if (!formsOf || ownForms || !schema) return schema;
  if (Object.keys(apart(other).promises).length > 1) return schema;
  const { notes, promises } = apart(schema);
  return { ...notes, [formsOf]: [promises] };
});
