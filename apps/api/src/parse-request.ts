import { AppError, type FieldProblem } from "@fanfare/domain";
import type { z } from "zod";

/** Problems listed in one answer. */
const PROBLEMS_MAX = 100;

/** Checks a value from outside. @throws AppError 400 that names every bad field, at most 100 of them. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(toFieldProblems);
  const fields = problems.length === 1 ? "1 field is" : `${problems.length} fields are`;
  const listed = problems.length > PROBLEMS_MAX ? ` The first ${PROBLEMS_MAX} are listed.` : "";
  throw new AppError("invalid-request", `${fields} not valid; nothing was stored.${listed}`, {
    errors: problems.slice(0, PROBLEMS_MAX),
  });
}

function toFieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: toPointer([...issue.path, key]),
      code: "unknown-field",
      detail: `${key} is not a field of this request.`,
    }));
  }
  // What is wrong with a key of a record stands in the issue below it.
  const nested = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return [{ pointer: toPointer(issue.path), code: issue.code.replaceAll("_", "-"), detail: nested ?? issue.message }];
}

/** A path as a JSON pointer (RFC 6901, section 3). */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
