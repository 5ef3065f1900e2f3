import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_ROUTES, createOpenApiDocument } from "@fanfare/api";
import { all, put } from "./api-changes/edit-document.js";

const module = "./api-changes/compare-documents.mjs";
const { compareDocuments } = (await import(module)) as {
  compareDocuments: (before: object, after: object) => { kind: string; sentence: string }[];
};

const program = join(import.meta.dirname, "api-changes.mjs");
const current = createOpenApiDocument(ALL_ROUTES);
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

const start = (...options: string[]) =>
  spawnSync(process.execPath, [program, "--released", planted, ...options], { encoding: "utf8" });

// What is built may be older than the sources that this test is run from: the program says itself what it is.
let built: string | undefined;
function builtDocument(): object {
  if (!built) {
    expect(start("--release").stderr).toBe("");
    built = readFileSync(planted, "utf8");
  }
  return JSON.parse(built);
}

/** Runs the program as if what the built API says of itself had been released with `edit`. */
function startAfter(edit: (document: object) => void, ...options: string[]) {
  const document = builtDocument();
  edit(document);
  writeFileSync(planted, JSON.stringify(document));
  return start(...options);
}

test("nothing of the API breaks those who call it as docs/openapi.json says", () => {
  const released = JSON.parse(readFileSync(join(import.meta.dirname, "../docs/openapi.json"), "utf8"));
  const changes = compareDocuments(released, JSON.parse(JSON.stringify(current)));
  expect(changes.filter(({ kind }) => kind === "breaking")).toEqual([]);
});

test("the program says that nothing has changed, and ends well", () => {
  const { status, stdout, stderr } = startAfter(() => {});
  expect([status, stdout, stderr]).toEqual([0, "Nothing has changed since the released document.\n", ""]);
});

test("the program names what breaks callers, and then what does not, and fails", () => {
  const { status, stdout, stderr } = startAfter(all(put(LENGTH, 10_000), put("tags Send description", "Sent.")));
  expect(stdout.split("\n")).toEqual([`breaking    ${SENTENCE}`, "compatible  the document: tags changed", ""]);
  expect(stderr).toMatch(/^This breaks those who call the API\. .*--release --breaking\.\n$/);
  expect(status).toBe(1);
});

test("a compatible change is said, released and then none any more", () => {
  const { status, stdout } = startAfter(put(LENGTH, 5));
  expect(stdout).toMatch(/^compatible {2}.*maxLength 5 → 512\n$/);
  expect(status).toBe(0);
  expect(start("--release").status).toBe(0);
  expect(start().stdout).toBe("Nothing has changed since the released document.\n");
});

test("a breaking change is not released in passing, and when it is the changelog's lines are said", () => {
  const refused = startAfter(put(LENGTH, 10_000), "--release");
  expect(refused.status).toBe(1);
  expect(start().status).toBe(1);

  const { status, stdout } = start("--release", "--breaking");
  expect(stdout).toContain(`To write under "Breaking" in CHANGELOG.md:\n\n- ${SENTENCE}\n`);
  expect(status).toBe(0);
  expect(start().stdout).toBe("Nothing has changed since the released document.\n");
});

test("a released document that is not there is said, not taken as one of an API with nothing in it", () => {
  const { status, stderr } = start();
  expect(stderr).toBe(`${planted} is not there: --release writes it.\n`);
  expect(status).toBe(1);
});
