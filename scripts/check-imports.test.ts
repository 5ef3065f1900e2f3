import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const script = join(import.meta.dirname, "check-imports.mjs");
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanfare-imports-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const load = (name: string) => `import x from "${name}";\n`;

/** What the check says of a tree of these files. */
function check(files: Record<string, string>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  const problems = stderr.split("\n").filter(Boolean);
  expect(status).toBe(problems.length > 0 ? 1 : 0);
  return problems;
}

test("a workspace that the table does not list is refused", () => {
  const files = { "packages/unheard/package.json": "{}", "apps/of/src/index.ts": "", "apps/gone/dist/a.mjs": "" };
  expect(check(files)).toEqual([
    "packages/unheard: is not in the table of scripts/may-import.json",
    "apps/of: is not in the table of scripts/may-import.json",
  ]);
});

test("the table of ARCHITECTURE.md is the one that is held", () => {
  const text = readFileSync(join(import.meta.dirname, "../ARCHITECTURE.md"), "utf8");
  const [, table = ""] = text.split("| from ");
  const rows = table.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  const documented = rows.flatMap((row) => {
    const [, from = "", allowed = ""] = row.split("|").map((cell) => cell.trim());
    const [names = ""] = allowed.replace("nothing of ours", "").split(/[:;]/);
    return from.split(", ").map((name) => [name, names.split(", ").filter(Boolean).sort()]);
  });
  const mayImport: Record<string, string[] | "all"> = JSON.parse(
    readFileSync(join(import.meta.dirname, "may-import.json"), "utf8"),
  );
  const held = Object.entries(mayImport).flatMap(([workspace, allowed]) =>
    allowed === "all" ? [] : [[workspace.split("/")[1], [...allowed].sort()]],
  );
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(held));
});

test("a provider's worker has its stores and its queue from the package that starts it", () => {
  const files = Object.fromEntries(
    ["fcm-worker", "apns-worker"].flatMap((app) =>
      ["db", "queues", "stores"].map((name) => [`apps/${app}/src/${name}.ts`, load(`@fanfare/${name}`)]),
    ),
  );
  expect(check(files)).toHaveLength(6);
  expect(check({ ...files, "apps/fcm-worker/src/main.ts": load("@fanfare/delivery-worker") })).toHaveLength(6);
});

test("no workspace is reached into by a path, but from e2e, bench and scripts", () => {
  const reaching = {
    "apps/api/src/a.ts": load("../../../packages/db/src/b.js") + load("./b/c.js") + load("../test/d.js"),
  };
  const tests = {
    "e2e/a.ts": load("../apps/api/src/a.js"),
    "apps/api/test/a.ts": load("../../../scripts/test-setup/b.js"),
  };
  expect(check({ ...reaching, ...tests })).toEqual([
    "apps/api/src/a.ts: reaches into another workspace: ../../../packages/db/src/b.js",
  ]);
});

test("a workspace imports those of its row, its tests testkit and itself too, e2e, bench and scripts all", () => {
  const files = {
    "packages/db/src/a.ts": load("@fanfare/domain"),
    "packages/db/src/a.test.ts": load("@fanfare/testkit") + load("@fanfare/db"),
    "packages/db/test/a.ts": load("@fanfare/testkit"),
    "packages/delivery/src/testing/a.ts": load("@fanfare/testkit"),
    "e2e/a.ts": load("@fanfare/simulator"),
    "bench/a.mjs": load("@fanfare/delivery"),
    "scripts/a/b.mjs": load("@fanfare/api"),
  };
  expect(check(files)).toEqual([]);
  const refused = check({
    ...files,
    "apps/simulator/src/a.ts": load("@fanfare/domain") + load("@fanfare/simulator"),
    "packages/db/src/b.ts": load("@fanfare/testkit"),
  });
  expect(refused).toEqual([
    "packages/db/src/b.ts: may not import @fanfare/testkit",
    "apps/simulator/src/a.ts: may not import @fanfare/domain",
    "apps/simulator/src/a.ts: imports its own package by name",
  ]);
});

test("of what ships the command alone imports the embedded Postgres: api, workers, db and queues do not", () => {
  const name = "@fanfare/embedded-postgres";
  expect(check({ "apps/cli/src/a.ts": load(name), "e2e/a.ts": load(name), "bench/a.mjs": load(name) })).toEqual([]);
  const others = [
    ...["packages/db", "packages/queues", "packages/delivery", "packages/runtime", "packages/testkit"],
    ...["apps/api", "apps/fanout-worker", "apps/fcm-worker", "apps/apns-worker", "apps/simulator"],
  ];
  const refused = check(Object.fromEntries(others.map((workspace) => [`${workspace}/src/a.ts`, load(name)])));
  expect(refused.sort()).toEqual(others.map((workspace) => `${workspace}/src/a.ts: may not import ${name}`).sort());
});

test.each([
  ["bullmq", "packages/queues/src/a.ts", "e2e/a.e2e.test.ts"],
  ["ioredis", "scripts/test-servers/setup.mjs", "scripts/a.mjs"],
  ["@prisma/client/runtime", "packages/db/src/a.ts", "bench/a.mjs"],
  ["embedded-postgres", "packages/embedded-postgres/src/a.ts", "packages/db/src/a.ts"],
  ["pg", "packages/testkit/src/a.ts", "apps/api/test/a.integration.test.ts"],
  ["node:http2", "apps/simulator/src/a.ts", "packages/http2/src/a.ts"],
  ["http2", "packages/delivery/src/testing/a.ts", "apps/cli/bin/a.mjs"],
])("%s is seen in its homes alone", (library, home, elsewhere) => {
  expect(check({ [home]: load(library) })).toEqual([]);
  expect(check({ [elsewhere]: load(library) })).toEqual([expect.stringContaining(`${elsewhere}: may not import`)]);
});

test.each([
  (name: string) => `import { x } from "${name}";`,
  (name: string) => `import {\n  x,\n} from '${name}';`,
  (name: string) => `import "${name}";`,
  (name: string) => `export * from "${name}";`,
  (name: string) => `const x = await import("${name}");`,
  (name: string) => `const x = await import(\n  \`${name}/sub\`\n);`,
  (name: string) => `const x = await import(/* lazily */ "${name}");`,
  (name: string) => `const x = require("${name}");`,
])("each way to load a library counts: %s", (text) => {
  expect(check({ "apps/api/src/a.ts": text("pg") })).toHaveLength(1);
});

test("a file is no wall, whichever workspace it is of", () => {
  const files = { "e2e/a.ts": "\n".repeat(300), "e2e/a.test.ts": "\n".repeat(300), "bench/a.mjs": "\n".repeat(300) };
  expect(check(files)).toEqual([expect.stringContaining("e2e/a.ts: 301"), expect.stringContaining("bench/a.mjs: 301")]);
});
