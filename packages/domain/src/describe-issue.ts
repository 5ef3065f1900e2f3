import type { z } from "zod";

/** What a value has to be, by the names that zod gives to types. */
const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
  date: "a time",
};

/** What a size is counted in; a number has none. */
const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
  object: ["field", "fields"],
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: "must be a time such as 2026-01-31T12:00:00Z",
  url: "must be a URL",
  guid: "must be a UUID",
  uuid: "must be a UUID",
  base64: "must be base64",
};

/** What is said of a value that is not there. */
export const MISSING = "is missing";

/** What is wrong with a value, in plain words, where its schema has none of its own. For zod's option `error`. */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code !== "custom") return MISSING;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kindOf(issue.expected)}`;
    case "invalid_value":
      return oneOf(issue.values.map(String));
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return FORMATS[issue.format] ?? "has not the right form";
    case "unrecognized_keys":
      return "has fields that are not known here";
    case "invalid_key":
      return "is no key that it may have";
    case "invalid_union":
      return noneOf(issue);
    case "invalid_element":
      return NO_FORM;
    default:
      return "is not valid";
  }
}

const kindOf = (expected: string) => KINDS[expected] ?? "of another type";

const NO_FORM = "has none of the forms that it may have";

function noneOf(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const kinds = issue.errors.map(expectedKind);
  return kinds.length > 0 && !kinds.includes(undefined) ? `must be ${[...new Set(kinds)].join(" or ")}` : NO_FORM;
}

/** The kind that a value has to be of for one form of several; `undefined` when it is of that kind. */
export function expectedKind(branch: readonly z.core.$ZodIssue[]): string | undefined {
  const ofWhole = branch.find(({ code, path }) => code === "invalid_type" && path.length === 0);
  return ofWhole?.code === "invalid_type" ? kindOf(ofWhole.expected) : undefined;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(", ")}`;
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  const unit = UNITS[origin];
  if (!unit) return `must be ${inclusive === false ? "more than" : "at least"} ${count(minimum)}`;
  return minimum === 1 ? "must not be empty" : `must have at least ${count(minimum)} ${unit[1]}`;
}

function tooBig({ origin, maximum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string {
  const [one, many] = UNITS[origin] ?? [];
  if (!many) return `must be ${inclusive === false ? "less than" : "at most"} ${count(maximum)}`;
  return `must have at most ${count(maximum)} ${maximum === 1 ? one : many}`;
}

const count = (size: number | bigint) => size.toLocaleString("en-US");
