import { z } from "zod";
import { isStorable } from "./storable-text.js";

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Levels of nesting that a JSON value from outside may have: deeper ones overflow the stack of who walks them. */
const MAX_DEPTH = 32;

/** A record of which every key is checked: zod's own leaves `__proto__` out without a word. */
export function recordOf<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value) {
  return z.preprocess(
    (input, context) => {
      if (typeof input === "object" && input !== null && Object.hasOwn(input, "__proto__")) {
        context.addIssue({ code: "custom", path: ["__proto__"], message: "is a key that no object may have here" });
      }
      return input;
    },
    z.record(key, value),
  );
}

/** What an issue says; what is wrong with a key of a record stands in the issue below it. */
export function messageOf(issue: z.core.$ZodIssue): string {
  return (issue.code === "invalid_key" ? issue.issues[0]?.message : undefined) ?? issue.message;
}

/** A JSON object from outside, of any shape, that Postgres can store as jsonb. */
export const jsonObjectSchema = recordOf(z.string(), z.unknown())
  .refine((value) => isStorableJson(value, MAX_DEPTH), {
    message: `must be JSON of at most ${MAX_DEPTH} levels, without U+0000 and lone surrogates`,
  })
  .transform((value) => value as Record<string, Json>);

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === "string") return isStorable(value);
  if (value === null || typeof value !== "object") return value !== undefined;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorableJson(item, depth - 1));
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item, depth - 1));
}
