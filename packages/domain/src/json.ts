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

/** A JSON object from outside, of any shape and at most so many bytes, that Postgres can store as jsonb. */
export function jsonObjectSchema(maxBytes: number) {
  const tooLarge = `must be at most ${maxBytes} bytes of JSON`;
  return (
    recordOf(z.string(), z.unknown())
      // In this order: what is large or deep is walked no further than it may reach.
      .refine((value) => isWithin(value, maxBytes), { message: tooLarge, abort: true })
      .refine((value) => isStorableJson(value, MAX_DEPTH), {
        message: `must be JSON of at most ${MAX_DEPTH} levels, without U+0000 and lone surrogates`,
        abort: true,
      })
      .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes, tooLarge)
      .transform((value) => value as Record<string, Json>)
  );
}

/**
 * Whether {@link jsonObjectSchema} takes a value, found out in one walk. Of a key `__proto__` further inside, which the schema
 * leaves alone, it says no.
 */
export function isJsonObject(value: unknown, maxBytes: number): value is Record<string, Json> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const size = { least: 0, most: 0, maxBytes };
  // What it comes to is seldom near the limit, and made only then.
  const isFitting = () => size.most <= maxBytes || Buffer.byteLength(JSON.stringify(value)) <= maxBytes;
  return isMeasured(value, MAX_DEPTH, size) && isFitting();
}

/** Bytes that a value comes to as JSON, at least and at most. */
interface Size {
  least: number;
  most: number;
  maxBytes: number;
}

/** A character takes one byte or, as `\u001f`, six; a number up to 25; the rest are quotes, colon and comma. */
const [PER_CHARACTER, PER_VALUE] = [6, 30];

/** Adds what a value comes to; `false`: it is too much already, or not to be stored. */
function isMeasured(value: unknown, depth: number, size: Size): boolean {
  if (typeof value === "string") return isTextMeasured(value, size);
  size.least += 1;
  size.most += PER_VALUE;
  if (typeof value !== "object" || value === null) return value !== undefined && size.least <= size.maxBytes;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isMeasured(item, depth - 1, size));
  for (const key in value) {
    const isFine = key !== "__proto__" && isTextMeasured(key, size);
    if (!isFine || !isMeasured((value as Readonly<Record<string, unknown>>)[key], depth - 1, size)) return false;
  }
  return true;
}

function isTextMeasured(text: string, size: Size): boolean {
  size.least += text.length;
  size.most += text.length * PER_CHARACTER + PER_VALUE;
  return size.least <= size.maxBytes && isStorable(text);
}

/** Whether a value may be JSON of at most so many bytes: each character is one, and so is each value. */
function isWithin(value: unknown, maxBytes: number): boolean {
  let bytes = 0;
  const rest = [value];
  while (rest.length > 0 && bytes <= maxBytes) {
    const item = rest.pop();
    bytes += typeof item === "string" ? item.length : 1;
    if (typeof item !== "object" || item === null) continue;
    for (const key in item) {
      bytes += key.length;
      if (bytes + rest.length > maxBytes) return false;
      rest.push((item as Readonly<Record<string, unknown>>)[key]);
    }
  }
  return bytes <= maxBytes;
}

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === "string") return isStorable(value);
  if (value === null || typeof value !== "object") return value !== undefined;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorableJson(item, depth - 1));
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item, depth - 1));
}
