import type { Template } from "liquidjs";
import { placeOf, problemOf } from "./check-template.js";
import { parseTemplate } from "./engine.js";
import { ParseCache } from "./parse-cache.js";
import { RenderError } from "./render-error.js";
import { createRenderLine, type LineLimits, type RenderLine } from "./render-line.js";

/** Limits of a renderer. */
export interface RendererOptions extends Partial<LineLimits> {
  /** Characters of the texts that are kept parsed from one batch to the next. Default 500 000. */
  cacheLength?: number;
}

/** Renders texts; see {@link createRenderer}. */
export interface Renderer {
  /** Renders the lines of one batch: they have their texts in common, and each text is parsed once. */
  forBatch(): RenderLine;
}

const LIMITS: LineLimits = {
  ...{ lineMs: 50, ownMs: 5, sharedMs: 2_000 },
  ...{ memoryUnits: 1_000_000, outputMaxLength: 16_384 },
};

/**
 * A renderer that ends in bounded time and memory, whatever the templates: a line within `lineMs`, twice, and a batch of
 * n lines within `sharedMs` and n times `ownMs`, twice. It keeps the texts parsed that it met last.
 */
export function createRenderer({ cacheLength = 500_000, ...limits }: RendererOptions = {}): Renderer {
  const cache = new ParseCache(cacheLength, parse);
  return { forBatch: () => createRenderLine((text) => cache.get(text), { ...LIMITS, ...limits }) };
}

function parse(text: string): Template[] {
  try {
    return parseTemplate(text);
  } catch (error) {
    const { message, line, column } = problemOf(error);
    throw new RenderError(`${message.slice(0, -1)}${placeOf([line, column])}.`);
  }
}
