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
