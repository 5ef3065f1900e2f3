import { Context, Drop, type Liquid } from "liquidjs";
import type { CpuBudget } from "./cpu-budget.js";
import { Refusal } from "./render-error.js";

/** What one rendering may use. */
export interface RenderLimits {
  budget: CpuBudget;
  memoryUnits: number;
}

/** Deeper than any variable a notification is made of, and shallow enough for every recursion of the engine. */
const DEPTH_MAX = 64;

/** An element costs many times what a character does, in memory and in time. */
const ELEMENT_UNITS = 4;

/**
 * The engine's context with the gaps in its limits closed: the clock is looked at wherever anything is read or
 * charged, not only between tags, and nothing that a prototype has can be read.
 */
class RenderContext extends Context {
  override *_get(paths: Parameters<Context["_get"]>[0]): IterableIterator<unknown> {
    return typeof paths[0] === "string" ? yield* super._get(paths) : undefined;
  }

  override readProperty(...[target, key]: Parameters<Context["readProperty"]>): unknown {
    this.renderLimit.check(performance.now());
    // An array as a key would be joined to a text, for as long as that takes.
    if (typeof key === "object") return undefined;
    // The engine checks for own properties everywhere but on its own objects, such as forloop.
    if (key in Object.prototype && !Object.hasOwn(Object(target ?? {}), key)) return undefined;
    return super.readProperty(target, key);
  }

  override spawn(scope = {}): Context {
    const { opts, sync, globals, strictVariables, ownPropertyOnly, memoryLimit, renderLimit, liquid } = this;
    const options = { sync, globals, strictVariables, ownPropertyOnly };
    return new RenderContext(scope, opts, options, { memoryLimit, renderLimit, liquid });
  }
}

/** The context of one rendering. The variables are copied as far as tags such as `increment` write to them. */
export function createContext(
  engine: Liquid,
  variables: Readonly<Record<string, unknown>>,
  { budget, memoryUnits }: RenderLimits,
): Context {
  const own = Object.assign(Object.create(null), variables);
  const options = { sync: true, globals: Object.create(null), renderLimit: Number.MAX_VALUE, memoryLimit: memoryUnits };
  const context = new RenderContext(own, engine.options, options, { liquid: engine });
  const { memoryLimit, renderLimit } = context;
  const check = renderLimit.check.bind(renderLimit);
  // The engine's own limit is one of the clock, and of one text.
  renderLimit.check = (nowMs) => {
    if (budget.isUsedUp(nowMs)) check(Number.POSITIVE_INFINITY);
  };
  const use = memoryLimit.use.bind(memoryLimit);
  memoryLimit.use = (units) => {
    renderLimit.check(performance.now());
    use(units);
  };
  return context;
}

/**
 * Charges a value with everything in it to the memory limit. Without this, arrays that hold one array many times
 * over cost little to build and take forever to join, to compare or to write.
 *
 * @throws {Refusal} when the value is nested too deeply
 * @throws {Error} the engine's own, when a limit is passed
 */
export function chargeValue(context: Context, value: unknown, depth = 0): void {
  const { memoryLimit } = context;
  if (typeof value === "string") memoryLimit.use(value.length + 1);
  else if (typeof value !== "object" || value === null || value instanceof Drop) memoryLimit.use(1);
  else if (depth > DEPTH_MAX) throw new Refusal("A value is nested too deeply");
  else if (Array.isArray(value)) {
    memoryLimit.use(value.length * ELEMENT_UNITS);
    for (const element of value) chargeValue(context, element, depth + 1);
  } else {
    for (const [key, element] of Object.entries(value)) {
      memoryLimit.use(key.length + ELEMENT_UNITS);
      chargeValue(context, element, depth + 1);
    }
  }
}

/**
 * Charges the search of a text for another: the runtime's search backwards compares every letter of one with every
 * letter of the other at worst.
 */
export function chargeSearch(context: Context, text: unknown, pattern: unknown): void {
  if (typeof text === "string" && typeof pattern === "string") {
    context.memoryLimit.use((text.length * pattern.length) / 64);
  }
}
