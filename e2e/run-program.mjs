// Builds the TypeScript of this workspace's programs and runs one: `node e2e/run-program.mjs <folder> [arguments]`.
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";

const [program, ...programArguments] = process.argv.slice(2);
const dir = import.meta.dirname;
const sources = ["chaos", "soak", "support"].flatMap((folder) =>
  readdirSync(join(dir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name)),
);
await esbuild.build({
  entryPoints: sources.map((source) => relative(process.cwd(), source)),
  outdir: join(dir, "dist"),
  outbase: dir,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
});
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], program, ...programArguments];
await import(pathToFileURL(join(dir, "dist", program, "main.js")));
