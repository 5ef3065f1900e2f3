import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OWN_CODES } from "@fanfare/api";
import { ERROR_CATALOG, FIELD_CODES } from "@fanfare/domain";

const text = readFileSync(join(import.meta.dirname, "../docs/errors.md"), "utf8");

test("docs/errors.md lists exactly the error codes of the API, with their statuses", () => {
  const listed = [...text.matchAll(/^\| `([a-z-]+)` *\| (\d{3}) *\|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(listed).toEqual(Object.entries(ERROR_CATALOG).map(([code, { status }]) => [code, status]));
});

test("docs/errors.md lists exactly the codes of `errors`", () => {
  const section = text.split(/^## /m).find((part) => part.startsWith("Codes of `errors`")) ?? "";
  const cells = [...section.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell ?? "");
  const listed = cells.flatMap((cell) => cell.match(/[a-z-]+/g) ?? []);
  expect(listed.sort()).toEqual([...FIELD_CODES].sort());
});

test("docs/errors.md lists exactly the codes of Fanfare's own that notifications fail with", () => {
  const listed = [...text.matchAll(/^\| `([A-Z_]+)` *\|/gm)].map(([, code]) => code);
  expect(listed).toEqual(Object.keys(OWN_CODES));
});
