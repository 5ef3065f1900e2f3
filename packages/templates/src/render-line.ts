import { isStorable, isTemplate } from "@fanfare/domain";
import { type Context, type Template, toValueSync } from "liquidjs";
import { BoundedEmitter } from "./bounded-emitter.js";
import { placeOf, positionOf } from "./check-template.js";
import { CpuBudget } from "./cpu-budget.js";
import { engine } from "./engine.js";
import { createContext } from "./render-context.js";
import { RenderError, toRenderError } from "./render-error.js";

/** Limits of the lines of a batch. */
export interface LineLimits {
  /** CPU time of their thread that all texts of one line may take together, in milliseconds; twice as much until it is refused. Default 50. */
  lineMs: number;
  /** What each line has of it once `sharedMs` is used up, in milliseconds. Default 5. */
  ownMs: number;
  /** What the lines of one batch may take together beyond `ownMs` each, in milliseconds. Default 2 000. */
  sharedMs: number;
  /** About one unit per character and four per element that filters, operators and output of one text handle. Default 1 000 000. */
  memoryUnits: number;
  /** Characters of all outputs of one line: several times what any provider takes. Default 16 384. */
  outputMaxLength: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** The text with its Liquid replaced. A missing variable renders empty. */
type RenderText = (text: string) => string;

/**
 * Makes something of the texts that one line renders; `make` may be called twice. The variables are JSON values and are
 * not changed.
 *
 * @throws {RenderError} when a text is not a template, a limit is passed, a filter cannot work with its values, or an
 * output cannot be stored; and what `make` throws
 */
export type RenderLine = <Made>(variables: Variables, make: (render: RenderText) => Made) => Made;

/** Renders the lines of one batch. What `parse` throws is thrown on. */
export function createRenderLine(parse: (text: string) => Template[], limits: LineLimits): RenderLine {
  const { lineMs, ownMs, sharedMs, memoryUnits, outputMaxLength } = limits;
  const parsed = new Map<string, Template[]>();
  let leftMs = sharedMs;

  const parsedOf = (text: string, budget: CpuBudget): Template[] => {
    // Done once for all lines, it is not held against the first.
    const templates = parsed.get(text) ?? budget.uncharged(() => parse(text));
    parsed.set(text, templates);
    return templates;
  };
  const rendererOf = (variables: Variables, budget: CpuBudget): RenderText => {
    let room = outputMaxLength;
    const renderTemplate = (text: string) => {
      const templates = parsedOf(text, budget);
      const context = createContext(engine, variables, { budget, memoryUnits });
      return run(templates, context, new BoundedEmitter(context, room, outputMaxLength));
    };
    return (text) => {
      const output = isTemplate(text) ? renderTemplate(text) : text;
      room -= output.length;
      if (room < 0) throw new RenderError(`The output is longer than ${outputMaxLength} characters.`);
      if (!isStorable(output)) throw new RenderError("The output must not contain U+0000 or a lone surrogate.");
      return output;
    };
  };

  return (variables, make) => {
    // A second try tells a slow line from one that a garbage collection fell into.
    for (let isLast = false; ; isLast = true) {
      const budget = new CpuBudget(Math.max(ownMs, Math.min(lineMs, leftMs)));
      try {
        return make(rendererOf(variables, budget));
      } catch (error) {
        if (isLast || !budget.isUsedUp()) throw error;
      } finally {
        if (budget.hasUsed(ownMs)) leftMs -= budget.usedMs() - ownMs;
      }
    }
  };
}

function run(templates: Template[], context: Context, emitter: BoundedEmitter): string {
  try {
    toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
    return emitter.buffer;
  } catch (error) {
    throw toRenderError(error, placeOf(positionOf(error)));
  }
}
