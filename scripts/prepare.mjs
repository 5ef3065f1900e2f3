// Runs after `npm ci`: generates the Prisma client and builds every workspace, so that starting compiles nothing.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

const run = (command, args, env = {}) => {
  const result = spawnSync(process.execPath, [command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}\n`);
    process.exit(result.status ?? 1);
  }
};

const missing = ["prisma", "turbo", "esbuild"].filter((tool) => !existsSync(`node_modules/${tool}`));
if (missing.length > 0) {
  process.stderr.write(
    `Fanfare is built when it is installed, and lacks ${missing.join(", ")} for that, as with NODE_ENV=production or --omit=dev: run npm ci --include=dev, then npm prune --omit=dev --ignore-scripts to be rid of them.\n`,
  );
  process.exit(1);
}

// `prisma generate` never runs the schema engine, but would download it unless the variable names an existing file.
run("node_modules/prisma/build/index.js", ["generate"], {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
});
run("node_modules/turbo/bin/turbo", ["run", "build", "--output-logs=errors-only", "--no-update-notifier"], {
  TURBO_TELEMETRY_DISABLED: "1",
});
