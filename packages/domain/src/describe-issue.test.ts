import { z } from "zod";
import { describeIssue } from "./describe-issue.js";

const described = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value, { error: describeIssue });
  return error?.issues.map(({ message }) => message);
};

test.each<[schema: z.ZodType, value: unknown, words: string]>([
  [z.object({ a: z.string() }), {}, "is missing"],
  [z.object({ a: z.enum(["x"]) }), {}, "is missing"],
  [z.object({ a: z.union([z.string(), z.number()]) }), {}, "is missing"],
  [z.string(), 5, "must be a text"],
  [z.string(), null, "must be a text"],
  [z.number(), "5", "must be a number"],
  [z.number(), Number.NaN, "must be a number"],
  [z.int(), 1.5, "must be a whole number"],
  [z.boolean(), "true", "must be true or false"],
  [z.array(z.string()), {}, "must be a list"],
  [z.object({}), [], "must be an object"],
  [z.record(z.string(), z.string()), [], "must be an object"],
  [z.null(), 0, "must be null"],
  [z.date(), "now", "must be a time"],
  [z.map(z.string(), z.string()), {}, "must be of another type"],
  [z.enum(["HIGH", "LOW"]), "high", "must be one of HIGH, LOW"],
  [z.literal(true), false, "must be true"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(16), "", "must have at least 16 characters"],
  [z.string().max(1), "ab", "must have at most 1 character"],
  [z.string().max(4_096), "x".repeat(5_000), "must have at most 4,096 characters"],
  [z.array(z.string()).min(1), [], "must not be empty"],
  [z.array(z.string()).max(10), new Array(11).fill(""), "must have at most 10 entries"],
  [z.number().min(0), -1, "must be at least 0"],
  [z.number().max(2_419_200), 2_419_201, "must be at most 2,419,200"],
  [z.number().gt(0), 0, "must be more than 0"],
  [z.number().lt(1), 1, "must be less than 1"],
  [z.number().multipleOf(5), 4, "must be a multiple of 5"],
  [z.iso.datetime(), "now", "must be a time such as 2026-01-31T12:00:00Z"],
  [z.url(), "x", "must be a URL"],
  [z.guid(), "x", "must be a UUID"],
  [z.base64(), "x", "must be base64"],
  [z.string().regex(/^x$/), "y", "has not the right form"],
  [z.strictObject({}), { a: 1 }, "has fields that are not known here"],
  [z.union([z.string(), z.number()]), true, "must be a text or a number"],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), null, "must be an object"],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), {}, "has none of the forms that it may have"],
  [z.record(z.string().max(1), z.string()), { ab: "" }, "is no key that it may have"],
  [z.string().refine(() => false), "x", "is not valid"],
])("what is wrong is said in plain words (%#)", (schema, value, words) => {
  expect(described(schema, value)).toEqual([words]);
});

test("a schema's own words are left as they are", () => {
  expect(described(z.string().min(1, "wants a name"), "")).toEqual(["wants a name"]);
  expect(described(z.literal(true, { error: "can only be true" }), false)).toEqual(["can only be true"]);
});
