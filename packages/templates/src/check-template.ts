import { LiquidError } from "liquidjs";
import { parseTemplate, TEMPLATE_MAX_LENGTH } from "./engine.js";

/** Why a text is not a template, and where. */
export interface TemplateProblem {
  /** A sentence for the sender. */
  message: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
}

/** What is wrong with a template, or undefined when it can be parsed. Never throws. */
export function checkTemplate(text: string): TemplateProblem | undefined {
  try {
    parseTemplate(text);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

/** The problem behind an error of parsing. */
export function problemOf(error: unknown): TemplateProblem {
  const [line = 1, column = 1] = positionOf(error) ?? [];
  return { message: plainMessage(error instanceof Error ? error.message : ""), line, column };
}

/** Line and column that an error of liquidjs is about. */
export function positionOf(error: unknown): number[] | undefined {
  return LiquidError.is(error) ? error.token?.getPosition() : undefined;
}

/** A position as an error tells it, after its words. */
export function placeOf(position: number[] | undefined): string {
  return position === undefined ? "" : ` (line ${position[0]}, column ${position[1]})`;
}

const PLAIN: ReadonlyArray<[RegExp, (name: string) => string]> = [
  [/^tag "(end\w*|else|elsif|elseif|when)" not found/, (name) => `The tag ${name} is outside of what it belongs to.`],
  [/^tag "(.*?)" not found/s, (name) => `The tag ${name} is not available.`],
  [/^undefined filter: (\S+?)(?:,|$)/, (name) => `The filter ${name} is not available.`],
  [/^(tag|output|raw) .* not closed/s, (name) => `This ${name === "output" ? "output" : "tag"} is not closed.`],
  [/^parse length limit/, () => `The template is longer than ${TEMPLATE_MAX_LENGTH} characters.`],
  [/call stack/, () => "The template is nested too deeply."],
  [/^illegal tag|^empty candidates/, () => "This tag is not written as it must be."],
];

function plainMessage(message: string): string {
  for (const [pattern, explain] of PLAIN) {
    const match = pattern.exec(message);
    if (match) return explain(match[1] ?? "");
  }
  // liquidjs appends where, which is told apart, and quotes up to 32 characters of what follows there.
  const [words = ""] = message.split(/,(?: file:.*)? line:\d+, col:\d+|: "/);
  return words === "" ? "The template cannot be read." : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
