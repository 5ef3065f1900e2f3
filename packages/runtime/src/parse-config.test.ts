import { z } from "zod";
import { parseConfig } from "./parse-config.js";

const schema = z.object({
  PORT: z.coerce.number().int().min(1).default(8080),
  URL: z.url(),
  SECRET: z.string().min(16),
});

test("defaults are filled in, and an empty variable counts as absent", () => {
  const parsed = parseConfig(schema, { PORT: "", URL: "http://x", SECRET: "0123456789abcdef" });
  expect(parsed).toEqual({ ok: true, config: { PORT: 8080, URL: "http://x", SECRET: "0123456789abcdef" } });
});

test("all problems are told at once, by the name of the variable, without its value", () => {
  const parsed = parseConfig(schema, { PORT: "0", SECRET: "hush" });
  if (parsed.ok) throw new Error("accepted");
  expect(parsed.problems.map((problem) => problem.split(":")[0])).toEqual(["PORT", "URL", "SECRET"]);
  expect(parsed.problems[1]).toBe("URL: is required");
  expect(parsed.problems.join()).not.toContain("hush");
});

test("of a text that has not the form it should have the length is told", () => {
  const parsed = parseConfig(schema, { URL: "postgres://u:pa/ss@db", SECRET: "hush" });
  if (parsed.ok) throw new Error("accepted");
  expect(parsed.problems).toEqual([
    expect.stringMatching(/^URL: .*; it has 21 characters$/),
    expect.stringMatching(/^SECRET: .*16.*; it has 4 characters$/),
  ]);
});

test("a number says what is allowed, and a choice names its options", () => {
  const choices = z.object({ PORT: z.coerce.number().int().max(65_535), FORMAT: z.enum(["json", "pretty"]) });
  const parsed = parseConfig(choices, { PORT: "70000", FORMAT: "xml" });
  if (parsed.ok) throw new Error("accepted");
  expect(parsed.problems).toEqual(["PORT: must be at most 65,535", "FORMAT: must be one of json, pretty"]);
  const words = parseConfig(choices, { PORT: "many", FORMAT: "json" });
  expect(words).toEqual({ ok: false, problems: ["PORT: must be a number"] });
});

test("a rule between variables keeps its own words for the one that is missing", () => {
  const pair = z
    .object({ KEY: z.string().optional(), KEY_ID: z.string().optional() })
    .refine(({ KEY, KEY_ID }) => !KEY || KEY_ID, { path: ["KEY_ID"], error: "is required when KEY is set" });
  expect(parseConfig(pair, { KEY: "k", KEY_ID: "" })).toEqual({
    ok: false,
    problems: ["KEY_ID: is required when KEY is set"],
  });
});
