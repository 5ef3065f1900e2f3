import {
  AppError,
  describeIssue,
  expectedKind,
  type FieldCode,
  type FieldProblem,
  MISSING,
  messageOf,
} from "@fanfare/domain";
import type { Request } from "express";
import type { z } from "zod";
import { parameterAt } from "./filters.js";
import { isRead } from "./is-read.js";
import { jsonPointer, shownName } from "./json-pointer.js";

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
  const isCut = problems.length > PROBLEMS_MAX;
  // How many there are in all nobody has counted.
  const count = isCut ? `More than ${PROBLEMS_MAX}` : problems.length;
  const parts = problems.length === 1 ? `1 ${part} is` : `${count} ${part}s are`;
  const listed = isCut ? ` The first ${PROBLEMS_MAX} are listed.` : "";
  return new AppError("invalid-request", `${parts} not valid${outcome ? `; ${outcome}` : ""}.${listed}`, {
    errors: problems.slice(0, PROBLEMS_MAX),
  });
}

/** The error that names a bad header. */
export function invalidHeader({ method }: Pick<Request, "method">, name: string, detail: string): AppError {
  return invalidRequest([{ pointer: `/${name}`, code: "invalid-header", detail }], outcomeOf(method), "header");
}

function toFieldProblems(issue: z.core.$ZodIssue, part: Part): FieldProblem[] {
  if (issue.code === "invalid_union") {
    // One that is told apart by a field of its own has no branches when that field fits none.
    const ofItsKind = issue.errors.filter((branch) => expectedKind(branch) === undefined);
    if (ofItsKind.length > 0)
      return likeliestBranch(ofItsKind).flatMap((nested) => toFieldProblems(below(issue, nested), part));
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key], part),
      code: "unknown-field",
      detail: `${shownName(key) || '""'} is not a ${part} here.`,
    }));
  }
  return [{ pointer: pointerTo(issue.path, part), code: codeOf(issue), detail: messageOf(issue) }];
}

/** Codes of zod's. A rule of our own has none. */
const CODES: Readonly<Record<z.core.$ZodIssue["code"], FieldCode>> = {
  invalid_type: "invalid-type",
  invalid_value: "invalid-value",
  invalid_format: "invalid-format",
  invalid_key: "invalid-key",
  invalid_union: "invalid-value",
  invalid_element: "invalid-value",
  not_multiple_of: "invalid-value",
  too_small: "too-small",
  too_big: "too-big",
  unrecognized_keys: "unknown-field",
  custom: "invalid-value",
};

function codeOf(issue: z.core.$ZodIssue): FieldCode {
  // Which of the others it has depends on how its schema is built.
  if (issue.message === MISSING) return "missing";
  return issue.code === "invalid_union" && issue.errors.length > 0 ? "invalid-type" : CODES[issue.code];
}

/** Of several forms that a value could have, the one that knows most of its fields. */
function likeliestBranch(branches: readonly z.core.$ZodIssue[][]): readonly z.core.$ZodIssue[] {
  const unknownFields = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce(
      (sum, issue) => sum + (issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys.length : 0),
      0,
    );
  return [...branches].sort((a, b) => unknownFields(a) - unknownFields(b))[0] ?? [];
}

const below = (parent: z.core.$ZodIssue, nested: z.core.$ZodIssue): z.core.$ZodIssue => ({
  ...nested,
  path: [...parent.path, ...nested.path],
});

function pointerTo(path: readonly PropertyKey[], part: Part): string {
  return jsonPointer(part === "parameter" ? [parameterAt(path)] : path);
}
