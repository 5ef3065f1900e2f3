import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BREAKING } from "./breaking-changes.js";
import { COMPATIBLE } from "./compatible-changes.js";
import { all, append, type Edit, put, putAt, remove } from "./edit-document.js";
import { body, codesOf, limitReached, problem, send } from "./planted-paths.js";

interface Change {
  kind: "breaking" | "compatible";
  sentence: string;
}
// Plain JavaScript, which the program runs as it is: it has no types.
const module = "./compare-documents.mjs";
const { compareDocuments, comparisonWith } = (await import(module)) as {
  compareDocuments: (before: object, after: object) => Change[];
  comparisonWith: (before: object) => (after: object) => Change[];
};

const released: object = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8"));

// What the table plants its changes in; with all routes it would take three times as long.
const few = withPaths([
  "/v1/PushNotifications",
  ...["", "/{operationId}", "/{operationId}/Attempts", "/{operationId}/Cancel"].map(
    (end) => `/v1/PushNotifications/Operations${end}`,
  ),
  ...["Apps/{appName}", "Credentials", "Users/{userId}"].map((end) => `/v1/PushNotifications/${end}`),
  ...["/v1/Accounts", "/v1/Accounts/{accountId}/Keys", "/v1/Audit", "/healthz"],
]);

function withPaths(names: string[]): object {
  const { paths } = released as { paths: Record<string, object> };
  return { ...released, paths: Object.fromEntries(names.map((name) => [name, paths[name]])) };
}

const comparisons = new Map([released, few].map((document) => [document, comparisonWith(document)]));

function changesAfter(edit: Edit, before = released): Change[] {
  const after = structuredClone(before);
  edit(after);
  return comparisons.get(before)?.(after) ?? compareDocuments(before, after);
}

function releasedAfter(edit: Edit, before = released): object {
  const document = structuredClone(before);
  edit(document);
  return document;
}

const kinds = (changes: Change[]) => changes.map(({ kind }) => kind);

test.each(BREAKING)("breaking, and said once: $title", ({ first, edit, told }) => {
  const changes = changesAfter(edit, first ? releasedAfter(first, few) : few);
  expect(changes).toEqual([{ kind: "breaking", sentence: told ?? expect.any(String) }]);
});

test.each(COMPATIBLE)("compatible, and said once: $title", ({ first, edit, told }) => {
  const changes = changesAfter(edit, first ? releasedAfter(first, few) : few);
  expect(changes).toEqual([{ kind: "compatible", sentence: told ?? expect.any(String) }]);
});

test("no change says nothing", () => {
  expect(changesAfter(() => {})).toEqual([]);
});

test("keys, and lists whose order means nothing, say nothing in another order", () => {
  const turned = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) {
      const items = value.map((one) => turned(one));
      return ["enum", "required", "anyOf", "parameters"].includes(key) ? items.reverse() : items;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, one]) => [name, turned(one, name)]),
    );
  };
  expect(JSON.stringify(turned(released))).not.toBe(JSON.stringify(released));
  expect(compareDocuments(released, turned(released) as object)).toEqual([]);
});

test("a schema says the same with a name and without", () => {
  const schema = "paths /v1/PushNotifications post responses 202 content application/json schema";
  const { Accepted } = (released as { components: { schemas: Record<string, object> } }).components.schemas;
  expect(Accepted).toBeDefined();
  expect(changesAfter(put(schema, Accepted))).toEqual([]);
});

test("breaking changes are said first, and what is for people last", () => {
  const compatible = put("paths /v1/Audit get responses 409", { description: "No." });
  const edit = all(put("info description", "Why."), compatible, append(`${body} required`, "priority"));
  const changes = changesAfter(edit);
  expect(kinds(changes)).toEqual(["breaking", "compatible", "compatible"]);
  expect(changes.at(-1)?.sentence).toBe("the document: info changed");
});

test("an API that is closed breaks all callers, one that opens none, and each is said with where", () => {
  const { paths } = released as { paths: Record<string, Record<string, object>> };
  const withSecurity = (security: object[]) => {
    const ways = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => ["paths", path, method, "security"]),
    );
    return releasedAfter(all(...ways.map((way) => putAt(way, security))));
  };
  const [open, closed] = [withSecurity([]), withSecurity([{ basic: ["send"] }])];
  const [closing, ...others] = compareDocuments(open, closed);
  expect(others).toEqual([]);
  expect(closing?.kind).toBe("breaking");
  expect(closing?.sentence).toMatch(
    /^GET \/v1\/PushNotifications: security open → basic send \(so in POST .* and \d+ more\)$/,
  );
  expect(kinds(compareDocuments(closed, open))).toEqual(["compatible"]);
});

test("the security of the whole document is that of operations that say nothing of their own", () => {
  const silent = releasedAfter(remove(`${send} security`));
  expect(compareDocuments(silent, releasedAfter(put(`${send} security`, [{ basic: [] }])))).toEqual([]);
  expect(kinds(changesAfter(put("security", []), silent))).toEqual(["compatible"]);
});

test("a code that no answer has says nothing, wherever it is listed", () => {
  expect(changesAfter(append(`${problem} properties code enum`, "gone"))).toEqual([]);
  expect(changesAfter(append(codesOf(limitReached), "gone"))).toEqual([]);
});

test("an answer of several schemas says the same as one that is written out", () => {
  const { Problem } = (released as { components: { schemas: Record<string, { properties: Record<string, object> }> } })
    .components.schemas;
  const answer = `${limitReached} content application/problem+json schema`;
  const edit = all(
    put(answer, Problem),
    put(`${answer} properties code enum`, ["limit-reached"]),
    put(`${answer} properties code description`, "Which."),
  );
  const [words, ...others] = changesAfter(edit);
  expect(others).toEqual([]);
  expect(words?.sentence).toMatch(/^POST .*Credentials, response 422, \/code: description changed/);
});

test("new words and examples everywhere are a line of each kind, with how many they are", () => {
  const words: string[][] = [];
  const collect = (value: unknown, path: string[]) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, below] of Object.entries(value)) {
      const isText = ["description", "summary"].includes(key) && typeof below === "string";
      if (isText || ["x-codeSamples", "example"].includes(key)) words.push([...path, key]);
      else if (key !== "examples") collect(below, [...path, key]);
    }
  };
  collect((released as { paths: object }).paths, ["paths"]);
  const changes = changesAfter(all(...words.map((path) => putAt(path, path.join(" ")))));
  expect(changes.map(({ sentence }) => sentence)).toEqual([
    expect.stringMatching(/^summaries: \d\d changed$/),
    expect.stringMatching(/^descriptions: \d\d\d changed$/),
    expect.stringMatching(/^examples: \d\d changed$/),
    expect.stringMatching(/^x-codeSamples: \d\d changed$/),
  ]);
});

test("of a long value as much is shown as a line bears", () => {
  const pattern = "x".repeat(5000);
  const [change] = changesAfter(put(`${body} properties collapseKey pattern`, pattern));
  expect(change?.sentence).toMatch(/: pattern "x{119} … (→ .*|added)$/);
});

test("a change within a schema that contains itself is said once", () => {
  const parts = { type: "array", items: { $ref: "#/components/schemas/Operation" } };
  const tree = releasedAfter(put("components schemas Operation properties parts", parts));
  expect(changesAfter(() => {}, tree)).toEqual([]);
  const changes = changesAfter(append("components schemas Operation required", "parts"), tree);
  expect(kinds(changes)).toEqual(["compatible"]);
});

test("whatever is changed anywhere in the document is said", () => {
  const leaves: string[][] = [];
  const collect = (value: unknown, path: string[]) => {
    if (typeof value === "object" && value !== null) {
      for (const [key, below] of Object.entries(value)) collect(below, [...path, key]);
    } else if (path.at(-1) !== "$ref") leaves.push(path);
  };
  collect(released, []);
  const other = (value: unknown) => {
    if (typeof value === "boolean") return !value;
    return typeof value === "number" ? value + 1 : `${value}x`;
  };
  const tried = leaves.filter((_, index) => index % Math.ceil(leaves.length / 60) === 0);
  const silent = tried.filter((path) => changesAfter(putAt(path, other)).length === 0);
  expect(silent).toEqual([]);
});

test("a name that is required beside the properties, in a schema within another, is said", () => {
  const stats = "components schemas Operation properties stats";
  expect(changesAfter(append(`${stats} required`, "more"))).toEqual([
    { kind: "compatible", sentence: expect.stringContaining('/stats: required "more" added') },
  ]);
});
