import { type FS, Liquid, type Template } from "liquidjs";
import "./bounded-ranges.js";
import { boundedFilters, removedFilters } from "./filters.js";
import { operators } from "./operators.js";
import { BOUNDED_TAGS, REMOVED_TAGS } from "./tags.js";

/** Characters of a template. */
export const TEMPLATE_MAX_LENGTH = 20_000;

const NO_FILES: FS = {
  exists: () => Promise.resolve(false),
  existsSync: () => false,
  readFile: () => Promise.reject(new Error("There are no files.")),
  readFileSync: () => {
    throw new Error("There are no files.");
  },
  resolve: (_folder, file) => file,
};

/** The engine that all templates share; it has no state of its own. */
export const engine = createEngine();

/** Parses a template, and throws what liquidjs throws. */
export function parseTemplate(text: string): Template[] {
  return engine.parse(text);
}

function createEngine(): Liquid {
  const liquid = new Liquid({
    fs: NO_FILES,
    relativeReference: false,
    ownPropertyOnly: true,
    strictVariables: false,
    strictFilters: true,
    parseLimit: TEMPLATE_MAX_LENGTH,
    globals: {},
    operators,
    // A date must not read differently when it is rendered on another host.
    locale: "en-US",
    timezoneOffset: 0,
  });
  for (const name of removedFilters) liquid.unregisterFilter(name);
  for (const [name, filter] of Object.entries(boundedFilters)) liquid.registerFilter(name, filter);
  for (const name of REMOVED_TAGS) delete liquid.tags[name];
  for (const [name, tag] of Object.entries(BOUNDED_TAGS)) liquid.registerTag(name, tag);
  return liquid;
}
