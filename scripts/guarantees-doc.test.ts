import { readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(import.meta.dirname, "../docs");
const rows = [
  ...readFileSync(join(docs, "guarantees.md"), "utf8").matchAll(/^\|.*\| ([^|]+) \| \[[^\]]+\]\(([^)]+)\) \|$/gm),
];

test("docs/guarantees.md has a row a guarantee", () => {
  expect(rows.length).toBeGreaterThan(30);
});

test.each(rows.map(([, title = "", file = ""]) => [title.trim(), file]))("%s: is a test of %s", (title, file) => {
  expect(readFileSync(join(docs, file), "utf8")).toContain(title);
});
