import { readFileSync } from "node:fs";
import { join } from "node:path";
import { APP_NAMES } from "./test-setup/app-names.js";
import { CONFIG_SCHEMAS } from "./test-setup/config-schemas.js";

const text = readFileSync(join(import.meta.dirname, "../.env.example"), "utf8");
const listed = new Map(
  [...text.matchAll(/^(# )?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, off, name, value]) => [
    name ?? "",
    off ? undefined : value,
  ]),
);

test("the settings of every app are known here", () => {
  expect(Object.keys(CONFIG_SCHEMAS)).toEqual(APP_NAMES);
});

test(".env.example lists every setting that some process reads, and no other", () => {
  const names = new Set(Object.values(CONFIG_SCHEMAS).flatMap((schema) => Object.keys(schema.shape)));
  expect([...listed.keys()].filter((name) => name !== "POSTGRES_PASSWORD").sort()).toEqual([...names].sort());
});

test.each(Object.entries(CONFIG_SCHEMAS))(
  "what .env.example says is the default is the default of %s",
  (_app, schema) => {
    for (const [name, field] of Object.entries(schema.shape)) {
      const { data } = field.safeParse(undefined) as { data?: unknown };
      const value = data === undefined ? undefined : String(data);
      expect([name, listed.get(name)]).toEqual([name, value]);
    }
  },
);
