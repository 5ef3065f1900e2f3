// Builds the workspace it is run in: every src/**/*.ts but tests becomes dist/**/*.js, file by file.
// Types are checked apart, by `npm run typecheck`.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import esbuild from "esbuild";

const sources = readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
  .map((entry) => join(entry.parentPath, entry.name));

rmSync("dist", { recursive: true, force: true });
await esbuild.build({
  entryPoints: sources,
  outdir: "dist",
  outbase: "src",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
});
