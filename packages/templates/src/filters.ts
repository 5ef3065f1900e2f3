import { type FilterImplOptions, filters } from "liquidjs";
import { chargeSearch, chargeValue } from "./render-context.js";
import { Refusal } from "./render-error.js";

type Handler = Extract<FilterImplOptions, (...args: never) => unknown>;
type Filter = ThisParameterType<Handler>;

/** They parse and evaluate a text of any length for every element, all within one call that no limit interrupts. */
const REMOVED: ReadonlySet<string> = new Set([
  "where_exp",
  "reject_exp",
  "group_by_exp",
  "has_exp",
  "find_exp",
  "find_index_exp",
]);

/** They sort, or evaluate a path for every element. */
const PER_ELEMENT: ReadonlySet<string> = new Set([
  "where",
  "reject",
  "group_by",
  "has",
  "find",
  "find_index",
  "map",
  "sum",
  "sort",
  "sort_natural",
  "sample",
]);

/** Units of one such element: evaluating a path takes about as long as copying this many elements. */
const PER_ELEMENT_UNITS = 20;

const SEARCHES: ReadonlySet<string> = new Set([
  "split",
  "remove",
  "remove_first",
  "remove_last",
  "replace",
  "replace_first",
  "replace_last",
]);

/** Every conversion such as `%A` makes a formatter of its own, at about 0.1 ms. */
const DATE_FORMAT_MAX_LENGTH = 128;

/**
 * The engine's filters, each of which is charged for all that goes in before it runs, and for what comes out. Many of
 * liquidjs's own charge nothing (`url_encode`), or only the outermost array (`push`, `join`, `uniq`).
 */
export const boundedFilters: Readonly<Record<string, FilterImplOptions>> = Object.fromEntries(
  Object.entries(filters)
    .filter(([name]) => !REMOVED.has(name))
    .map(([name, filter]) => [name, typeof filter === "function" ? bounded(name, filter) : filter]),
);

/** Names of filters that liquidjs has and templates have not. */
export const removedFilters: readonly string[] = [...REMOVED];

function bounded(name: string, handler: Handler): Handler {
  return function* (this: Filter, value: unknown, ...args: unknown[]) {
    chargeValue(this.context, value);
    chargeValue(this.context, args);
    if (PER_ELEMENT.has(name)) chargeElements(this, value, args[0]);
    if (SEARCHES.has(name)) chargeSearch(this.context, value, args[0]);
    if (name === "date") checkDateFormat(args[0]);
    const result: unknown = yield handler.call(this, value, ...args);
    chargeValue(this.context, result);
    return result;
  };
}

function chargeElements({ context }: Filter, value: unknown, property: unknown): void {
  const path = String(typeof property === "object" ? "" : (property ?? ""));
  // Brackets hold further expressions, and ranges.
  if (typeof property === "object" || /[[(]/.test(path)) throw new Refusal("A filter's property must be a plain path");
  const count = typeof value === "object" && value !== null ? Object.keys(value).length : 1;
  context.memoryLimit.use(count * (PER_ELEMENT_UNITS + path.length));
}

function checkDateFormat(format: unknown): void {
  if (String(format ?? "").length > DATE_FORMAT_MAX_LENGTH) {
    throw new Refusal(`A date's format is longer than ${DATE_FORMAT_MAX_LENGTH} characters`);
  }
}
