// Prints what has changed in the API since the document that was released last, and fails when that breaks callers.
// `node scripts/api-changes.mjs [--release [--breaking]] [--released <file>]`
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ALL_ROUTES, createOpenApiDocument } from "@fanfare/api";
import { compareDocuments } from "./api-changes/compare-documents.mjs";

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

// As it is served: what is `undefined` is not in it.
const current = JSON.parse(JSON.stringify(createOpenApiDocument(ALL_ROUTES)));
const released = existsSync(options.released) ? JSON.parse(readFileSync(options.released, "utf8")) : undefined;
if (released) judge(compareDocuments(released, current));
else if (options.release) write();
else fail(`${options.released} is not there: --release writes it.`);

function judge(changes) {
  for (const { kind, sentence } of changes) process.stdout.write(`${kind.padEnd(10)}  ${sentence}\n`);
  if (changes.length === 0) process.stdout.write("Nothing has changed since the released document.\n");
  const breaking = changes.filter(({ kind }) => kind === "breaking");
  if (breaking.length > 0 && !(options.release && options.breaking)) return refuse();
  if (options.release) write();
  if (breaking.length === 0) return;
  process.stdout.write('\nTo write under "Breaking" in CHANGELOG.md:\n\n');
  for (const { sentence } of breaking) process.stdout.write(`- ${sentence}\n`);
}

function refuse() {
  const remedy = "Keep what was, beside what is new; or release it as a breaking change with --release --breaking.";
  fail(`This breaks those who call the API. ${remedy}`);
}

function write() {
  writeFileSync(options.released, `${JSON.stringify(current, null, 2)}\n`);
  process.stdout.write(`Wrote ${options.released}.\n`);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
