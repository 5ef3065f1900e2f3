import { isStorable, isTemplate } from "@fanfare/domain";
import { type Template, toValueSync } from "liquidjs";
import { BoundedEmitter } from "./bounded-emitter.js";
import { positionOf, problemOf } from "./check-template.js";
import { engine, parseTemplate } from "./engine.js";
import { ParseCache } from "./parse-cache.js";
import { createContext, type RenderLimits } from "./render-context.js";
import { isTimeLimit, RenderError, toRenderError } from "./render-error.js";

/** Limits of a renderer. */
export interface RendererOptions {
  /** CPU time that one text may take, in milliseconds; twice as much until it is refused. Default 50. */
  renderMs?: number;
  /** About one unit per character and four per element that filters, operators and output handle. Default 1 000 000. */
  memoryUnits?: number;
  /** Characters of one output. Default 16 384. */
  outputMaxLength?: number;
  /** Texts that are kept parsed. Default 500. */
  cacheSize?: number;
}

/** Renders texts; see {@link createRenderer}. */
export interface Renderer {
  /**
   * The text with its Liquid replaced. A missing variable renders empty. The variables are JSON values and are not
   * changed.
   *
   * @throws {RenderError} when the text is not a template, a limit is passed, a filter cannot work with its values, or
   * the output cannot be stored
   */
  render(text: string, variables: Readonly<Record<string, unknown>>): string;
}

/** A renderer that ends in bounded time and memory, whatever the template. It keeps the texts parsed that it met last. */
export function createRenderer({
  renderMs = 50,
  memoryUnits = 1_000_000,
  outputMaxLength = 16_384,
  cacheSize = 500,
}: RendererOptions = {}): Renderer {
  const cache = new ParseCache(cacheSize, parse);
  const limits = { renderMs, memoryUnits };
  return {
    render(text, variables) {
      const output = isTemplate(text) ? run(cache.get(text), variables, limits, outputMaxLength) : text;
      if (output.length > outputMaxLength) {
        throw new RenderError(`The output is longer than ${outputMaxLength} characters.`);
      }
      if (!isStorable(output)) {
        throw new RenderError("The output must not contain U+0000 or a lone surrogate.");
      }
      return output;
    },
  };
}

function parse(text: string): Template[] {
  try {
    return parseTemplate(text);
  } catch (error) {
    const { message, line, column } = problemOf(error);
    throw new RenderError(`${message.slice(0, -1)}${at([line, column])}.`);
  }
}

function run(
  templates: Template[],
  variables: Readonly<Record<string, unknown>>,
  limits: RenderLimits,
  outputMaxLength: number,
): string {
  const render = () => {
    const context = createContext(engine, variables, limits);
    const emitter = new BoundedEmitter(context, outputMaxLength);
    toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
    return emitter.buffer;
  };
  try {
    return againIfSlow(render);
  } catch (error) {
    throw toRenderError(error, at(positionOf(error)));
  }
}

/** A second try tells a slow template from one that a garbage collection fell into. */
function againIfSlow(render: () => string): string {
  try {
    return render();
  } catch (error) {
    if (!isTimeLimit(error)) throw error;
    return render();
  }
}

function at(position: number[] | undefined): string {
  return position === undefined ? "" : ` (line ${position[0]}, column ${position[1]})`;
}
