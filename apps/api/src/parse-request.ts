import { AppError, describeIssue, type FieldProblem, messageOf } from "@fanfare/domain";
import type { Request } from "express";
import type { z } from "zod";
import { parameterAt } from "./filters.js";
import { isRead } from "./is-read.js";

/** Problems listed in one answer. */
const PROBLEMS_MAX = 100;

/** What did not come of a request that is refused; `undefined` for one that was to do nothing but read. */
export type Outcome = "nothing was stored" | "nothing was done" | undefined;

/** A part of a request that has a name. */
type Part = "field" | "parameter" | "header";

/** What did not come of a request that is refused before its body is looked at. */
export const outcomeOf = (method: string): Outcome => (isRead(method) ? undefined : "nothing was done");

/** Checks a body. @throws AppError 400 that names every bad field, at most 100 of them. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  outcome: Outcome,
  part: Part = "field",
): z.infer<Schema> {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues.flatMap((issue) => toFieldProblems(issue, part)),
    outcome,
    part,
  );
}

/** The error that names bad parts of a request, each of them once. */
export function invalidRequest(all: readonly FieldProblem[], outcome: Outcome, part: Part = "field"): AppError {
  const seen = new Set<string>();
  const problems = all.filter(({ pointer }) => !seen.has(pointer) && seen.add(pointer));
  const parts = problems.length === 1 ? `1 ${part} is` : `${problems.length} ${part}s are`;
  const listed = problems.length > PROBLEMS_MAX ? ` The first ${PROBLEMS_MAX} are listed.` : "";
  return new AppError("invalid-request", `${parts} not valid${outcome ? `; ${outcome}` : ""}.${listed}`, {
    errors: problems.slice(0, PROBLEMS_MAX),
  });
}

/** The error that names a bad header. */
export function invalidHeader({ method }: Pick<Request, "method">, name: string, detail: string): AppError {
  return invalidRequest([{ pointer: `/${name}`, code: "invalid-header", detail }], outcomeOf(method), "header");
}

function toFieldProblems(issue: z.core.$ZodIssue, part: Part): FieldProblem[] {
  // One that is told apart by a field of its own has no branches when that field fits none.
  if (issue.code === "invalid_union" && issue.errors.length > 0)
    return likeliestBranch(issue).flatMap((nested) => toFieldProblems(below(issue, nested), part));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key], part),
      code: "unknown-field",
      detail: `${shownName(key)} is not a ${part} here.`,
    }));
  }
  return [{ pointer: pointerTo(issue.path, part), code: issue.code.replaceAll("_", "-"), detail: messageOf(issue) }];
}

/** Of several forms that a value could have, the one that knows most of its fields. */
function likeliestBranch({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  const unknownFields = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce(
      (sum, issue) => sum + (issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys.length : 0),
      0,
    );
  return [...errors].sort((a, b) => unknownFields(a) - unknownFields(b))[0] ?? [];
}

const below = (parent: z.core.$ZodIssue, nested: z.core.$ZodIssue): z.core.$ZodIssue => ({
  ...nested,
  path: [...parent.path, ...nested.path],
});

function pointerTo(path: readonly PropertyKey[], part: Part): string {
  return toPointer(part === "parameter" ? [parameterAt(path)] : path);
}

/** A path as a JSON pointer (RFC 6901, section 3). */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${shownName(String(key)).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Longest name of a field that an answer repeats whole, in characters. */
const NAME_MAX = 64;

/** A field's name as an answer may repeat it: whatever was sent as one, a key in PEM form is not sent back. */
export function shownName(name: string): string {
  const shown = /^[^\p{Cc}]*/u.exec(name.slice(0, NAME_MAX))?.[0] ?? "";
  return shown.length < name.length ? `${shown}…` : name;
}
