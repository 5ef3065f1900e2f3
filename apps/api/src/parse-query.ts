import type { FieldProblem } from "@fanfare/domain";
import type { Request } from "express";
import type { z } from "zod";
import { jsonPointer } from "./json-pointer.js";
import { cursorIn } from "./page-token.js";
import { invalidRequest, outcomeOf, parseRequest } from "./parse-request.js";
import { searchOf } from "./request-target.js";

/**
 * Checks the query of a request. It is read here: what Express and `URLSearchParams` make of one leaves no trace of what was wrong
 * with it.
 *
 * @throws AppError 400 that names every bad parameter.
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, req: Request): z.infer<Schema> {
  const outcome = outcomeOf(req.method);
  const { parameters, problems } = readQuery(searchOf(req.originalUrl));
  if (problems.length > 0) throw invalidRequest(problems, outcome, "parameter");
  const { pageToken } = parameters;
  const own = pageToken === undefined ? parameters : { ...parameters, pageToken: cursorIn(req, pageToken) };
  return parseRequest(schema, own, outcome, "parameter");
}

function readQuery(search: string): { parameters: Record<string, string>; problems: FieldProblem[] } {
  const parameters = new Map<string, string>();
  const problems: FieldProblem[] = [];
  for (const pair of search.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const rawName = at < 0 ? pair : pair.slice(0, at);
    const name = decode(rawName);
    const value = at < 0 ? "" : decode(pair.slice(at + 1));
    const pointer = jsonPointer([name ?? rawName]);
    if (name === undefined || value === undefined) problems.push({ pointer, ...NOT_ENCODED });
    else if (parameters.has(name)) problems.push({ pointer, ...REPEATED });
    else if (name.includes("\0") || value.includes("\0")) problems.push({ pointer, ...NOT_STORABLE });
    else parameters.set(name, value);
  }
  return { parameters: Object.fromEntries(parameters), problems };
}

const NOT_ENCODED = { code: "invalid-encoding", detail: "must be UTF-8 in percent encoding" };
const NOT_STORABLE = { code: "invalid-encoding", detail: "must not contain U+0000" };
const REPEATED = { code: "repeated-parameter", detail: "is there more than once" };

/** What stands in a query (application/x-www-form-urlencoded) for a text; `undefined` for what stands for none. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
