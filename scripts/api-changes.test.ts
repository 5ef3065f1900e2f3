import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_ROUTES, createOpenApiDocument } from "@fanfare/api";
import { all, put } from "./api-changes/edit-document.js";

interface Options {
  release?: boolean;
  breaking?: boolean;
}
// Plain JavaScript, which the program runs as it is: it has no types.
const module = "./api-changes/judge-document.mjs";
const { judgeDocument } = (await import(module)) as {
  judgeDocument: (current: object, options: Options & { released: string }) => { lines: string[]; complaint?: string };
};

const program = join(import.meta.dirname, "api-changes.mjs");
const current = JSON.parse(JSON.stringify(createOpenApiDocument(ALL_ROUTES)));
const LENGTH =
  "paths /v1/PushNotifications post requestBody content application/json schema properties collapseKey maxLength";
const SENTENCE = "POST /v1/PushNotifications, request body, /collapseKey: maxLength 10000 → 512";
let folder: string;
let planted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fanfare-api-"));
  planted = join(folder, "openapi.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const judge = (options: Options = {}) => judgeDocument(current, { ...options, released: planted });

/** Makes `document` with `edit` the released one. */
function plant(edit: (document: object) => void, document = current) {
  const copy = structuredClone(document);
  edit(copy);
  writeFileSync(planted, JSON.stringify(copy));
}

const NOTHING = ["Nothing has changed since the released document."];

test("nothing of the API breaks those who call it as docs/openapi.json says", () => {
  const { lines, complaint } = judgeDocument(current, { released: join(import.meta.dirname, "../docs/openapi.json") });
  expect({ complaint, breaking: lines.filter((line) => line.startsWith("breaking")) }).toEqual({ breaking: [] });
});

test("that nothing has changed is said", () => {
  plant(() => {});
  expect(judge()).toEqual({ lines: NOTHING });
});

test("a compatible change is said, released and then none any more", () => {
  plant(put(LENGTH, 5));
  expect(judge()).toEqual({ lines: [expect.stringMatching(/^compatible {2}.*maxLength 5 → 512$/)] });
  expect(judge({ release: true }).lines.at(-1)).toBe(`Wrote ${planted}.`);
  expect(judge()).toEqual({ lines: NOTHING });
});

test("a breaking change is not released in passing, and when it is the changelog's lines are said", () => {
  plant(put(LENGTH, 10_000));
  expect(judge({ release: true }).complaint).toMatch(/^This breaks those who call the API\./);
  expect(judge().complaint).toMatch(/^This breaks those who call the API\./);

  const { lines, complaint } = judge({ release: true, breaking: true });
  expect(complaint).toBeUndefined();
  expect(lines.slice(-4)).toEqual(["", 'To write under "Breaking" in CHANGELOG.md:', "", `- ${SENTENCE}`]);
  expect(judge()).toEqual({ lines: NOTHING });
});

test("a released document that is not there is said, not taken as one of an API with nothing in it", () => {
  expect(judge()).toEqual({ lines: [], complaint: `${planted} is not there: --release writes it.` });
});

test("what breaks callers is said before what does not", () => {
  plant(all(put(LENGTH, 10_000), put("tags Send description", "Sent.")));
  expect(judge().lines).toEqual([`breaking    ${SENTENCE}`, "compatible  the document: tags changed"]);
});

// What is built may be older than the sources that this test is run from, and differ in more.
test("the program says it and fails, and releases what it is told to although nobody reads what it says", () => {
  plant(put(LENGTH, 10_000));
  const command = [program, "--released", planted];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  expect(stdout.split("\n")).toContain(`breaking    ${SENTENCE}`);
  expect(stderr).toMatch(/^This breaks those who call the API\. .*--release --breaking\.\n$/);
  expect(status).toBe(1);

  // The pipe has no reader by the time that the program writes.
  const unread = [
    "-c",
    'set -o pipefail; "$@" | true',
    "bash",
    process.execPath,
    ...command,
    "--release",
    "--breaking",
  ];
  const released = spawnSync("bash", unread, { encoding: "utf8" });
  expect([released.status, released.stderr]).toEqual([0, ""]);
  expect(readFileSync(planted, "utf8")).not.toContain('"maxLength": 10000,');
});
