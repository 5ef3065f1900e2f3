import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CATALOG } from "@fanfare/domain";

test("docs/errors.md lists exactly the error codes of the API, with their statuses", () => {
  const text = readFileSync(join(import.meta.dirname, "../docs/errors.md"), "utf8");
  const listed = [...text.matchAll(/^\| `([a-z-]+)` *\| (\d{3}) *\|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(listed).toEqual(Object.entries(ERROR_CATALOG).map(([code, { status }]) => [code, status]));
});
