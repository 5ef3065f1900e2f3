// What the API says now against the document that was released last, in lines to print.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { compareDocuments } from "./compare-documents.mjs";

/**
 * Says each change from the document in the file `released` to `current`, and with `release` writes that one there.
 * What breaks callers is a `complaint`, and nothing is written, unless `breaking` says that it may.
 */
export function judgeDocument(current, { released, release, breaking }) {
  const write = () => {
    writeFileSync(released, `${JSON.stringify(current, null, 2)}\n`);
    return `Wrote ${released}.`;
  };
  if (!existsSync(released)) {
    if (release) return { lines: [write()] };
    return { lines: [], complaint: `${released} is not there: --release writes it.` };
  }
  const changes = compareDocuments(JSON.parse(readFileSync(released, "utf8")), current);
  const lines = changes.map(({ kind, sentence }) => `${kind.padEnd(10)}  ${sentence}`);
  if (changes.length === 0) lines.push("Nothing has changed since the released document.");
  const broken = changes.filter(({ kind }) => kind === "breaking");
  if (broken.length > 0 && !(release && breaking)) return { lines, complaint: REFUSAL };
  if (release) lines.push(write());
  return { lines: broken.length > 0 ? [...lines, ...forChangelog(broken)] : lines };
}

const REFUSAL =
  "This breaks those who call the API. Keep what was, beside what is new; or release it as a breaking change with --release --breaking.";

const forChangelog = (broken) => [
  ...["", 'To write under "Breaking" in CHANGELOG.md:', ""],
  ...broken.map(({ sentence }) => `- ${sentence}`),
];
