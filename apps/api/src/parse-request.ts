import { AppError, type FieldProblem, messageOf } from "@fanfare/domain";
import type { z } from "zod";

/** Problems listed in one answer. */
const PROBLEMS_MAX = 100;

/** Checks a value from outside. @throws AppError 400 that names every bad field, at most 100 of them. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  outcome: string,
): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error.issues.flatMap(toFieldProblems), outcome);
}

/** The error that names bad fields. */
export function invalidRequest(problems: readonly FieldProblem[], outcome: string): AppError {
  const fields = problems.length === 1 ? "1 field is" : `${problems.length} fields are`;
  const listed = problems.length > PROBLEMS_MAX ? ` The first ${PROBLEMS_MAX} are listed.` : "";
  return new AppError("invalid-request", `${fields} not valid; ${outcome}.${listed}`, {
    errors: problems.slice(0, PROBLEMS_MAX),
  });
}

function toFieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === "invalid_union")
    return likeliestBranch(issue).flatMap((nested) => toFieldProblems(below(issue, nested)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: toPointer([...issue.path, key]),
      code: "unknown-field",
      detail: `${shownName(key)} is not a field here.`,
    }));
  }
  return [{ pointer: toPointer(issue.path), code: issue.code.replaceAll("_", "-"), detail: messageOf(issue) }];
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

/** A path as a JSON pointer (RFC 6901, section 3). */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${shownName(String(key)).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Longest name of a field that an answer repeats whole, in characters. */
const NAME_MAX = 256;

/** A field's name as an answer may repeat it: whatever was sent as one, a key in PEM form is not sent back. */
function shownName(name: string): string {
  const shown = /^[^\p{Cc}]*/u.exec(name.slice(0, NAME_MAX))?.[0] ?? "";
  return shown.length < name.length ? `${shown}…` : name;
}
