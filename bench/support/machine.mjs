import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import process from "node:process";
import { isInstalled } from "./redis.mjs";

const ROOT = new URL("../..", import.meta.url);

/** Where and with what a run took place. */
export function describeRun() {
  const run = (program, ...args) => execFileSync(program, args, { cwd: ROOT, encoding: "utf8" }).trim();
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(run),
    node: process.version,
    http2Client: process.env.HTTP2_CLIENT ?? "the workers' default",
    openssl: process.versions.openssl,
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    packages: Object.fromEntries(
      ["bullmq", "apn", "firebase-admin", "@prisma/client"].map((name) => [name, versionOf(name)]),
    ),
    ...(isInstalled("redis-server") && { redis: run("redis-server", "--version").split(" ")[2] }),
    ...(isInstalled("h2load") && { h2load: run("h2load", "--version").split(" ").at(-1) }),
  };
}

// A copy without its history has none.
function commit(run) {
  try {
    const dirty = run("git", "status", "--porcelain", "--untracked-files=no") === "" ? "" : ", with changes";
    return `${run("git", "rev-parse", "--short", "HEAD")}${dirty}`;
  } catch {
    return "unknown";
  }
}

function versionOf(name) {
  const file = new URL(`node_modules/${name}/package.json`, `${ROOT}/`);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
