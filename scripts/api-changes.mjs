// Prints what has changed in the API since the document that was released last, and fails when that breaks callers.
// `node scripts/api-changes.mjs [--release [--breaking]] [--released <file>]`
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ALL_ROUTES, createOpenApiDocument } from "@fanfare/api";
import { judgeDocument } from "./api-changes/judge-document.mjs";

const { values: options } = parseArgs({
  options: {
    /** Writes the document anew, as that of the next release. */
    release: { type: "boolean", default: false },
    /** Does so although it breaks callers. */
    breaking: { type: "boolean", default: false },
    /** Where the released document is. */
    released: { type: "string", default: join(import.meta.dirname, "../docs/openapi.json") },
  },
});

// Whoever reads no further (`| head`) has read enough.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});

// As it is served: what is `undefined` is not in it.
const current = JSON.parse(JSON.stringify(createOpenApiDocument(ALL_ROUTES)));
const { lines, complaint } = judgeDocument(current, options);
for (const line of lines) process.stdout.write(`${line}\n`);
if (complaint) {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}
