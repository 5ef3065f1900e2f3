import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { settings } from "../packages/embedded-postgres/src/settings.js";
import { APP_NAMES } from "./test-setup/app-names.js";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "..");
const compose = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), { merge: true }) as {
  services: Record<
    string,
    { command?: string[]; container_name?: string; ports?: string[]; environment?: Record<string, unknown> }
  >;
};

test("docker-compose.yml is valid by the Compose Specification's schema", () => {
  const file = join(dirname(require.resolve("dclint/package.json")), "schemas/compose.schema.json");
  // It names its draft by an https address that Ajv knows under http only: draft 7 is Ajv's own.
  const { $schema, ...schema } = JSON.parse(readFileSync(file, "utf8")) as { $schema: string };
  expect($schema).toContain("draft-07");
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  validate(compose);
  expect(validate.errors ?? []).toEqual([]);
});

test("every process of Fanfare is a service that runs a main module which exists", () => {
  const mains = Object.values(compose.services).flatMap(({ command = [] }) =>
    command.filter((word) => word.startsWith("apps/")),
  );
  // Nobody simulates the providers there.
  const deployed = APP_NAMES.filter((name) => name !== "simulator");
  expect(mains.sort()).toEqual(deployed.map((app) => `apps/${app}/dist/main.js`));
});

test("workers can be scaled: they have neither a name nor a port of their own", () => {
  for (const name of APP_NAMES.filter((app) => app.endsWith("-worker"))) {
    expect(compose.services[name]).toBeDefined();
    expect(compose.services[name]?.container_name).toBeUndefined();
    expect(compose.services[name]?.ports).toBeUndefined();
  }
});

test("what .env gives is a whole value wherever it stands: in a part of one its characters could mean something", () => {
  const given = Object.values(compose.services).flatMap(({ environment = {} }) =>
    Object.values(environment).filter((value) => String(value).includes("${")),
  );
  expect(given.length).toBeGreaterThan(10);
  expect(given.filter((value) => !/^\$\{[A-Z_]+(:[?-][^${}]*)?\}$/.test(String(value)))).toEqual([]);
});

test("Postgres keeps what it is given out of its log, as the embedded one does", () => {
  const LOG = /^log_(error_verbosity|min_error_statement|parameter_max_length(_on_error)?)=/;
  const given = compose.services.postgres?.command?.filter((word) => LOG.test(word));
  const embedded = settings(0, "fanfare", true).filter((word) => LOG.test(word));
  expect(embedded).toHaveLength(4);
  expect(given?.sort()).toEqual(embedded.sort());
});
