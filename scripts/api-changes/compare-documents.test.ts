import { readFileSync } from "node:fs";
import { join } from "node:path";
import { all, append, put, putAt } from "./edit-document.js";
import { BREAKING, COMPATIBLE } from "./planted-changes.js";

interface Change {
  kind: "breaking" | "compatible";
  sentence: string;
}
// Plain JavaScript, which the program runs as it is: it has no types.
const module = "./compare-documents.mjs";
const { compareDocuments } = (await import(module)) as {
  compareDocuments: (before: object, after: object) => Change[];
};

const released: object = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8"));

function changesAfter(edit: (document: object) => void, before = released): Change[] {
  const after = structuredClone(before);
  edit(after);
  return compareDocuments(before, after);
}

function releasedAfter(edit: (document: object) => void = () => {}): object {
  const document = structuredClone(released);
  edit(document);
  return document;
}

const kinds = (changes: Change[]) => changes.map(({ kind }) => kind);

test.each(BREAKING)("breaking, and said once: $title", ({ first, edit, told }) => {
  const changes = changesAfter(edit, releasedAfter(first));
  expect(changes).toEqual([{ kind: "breaking", sentence: told ?? expect.any(String) }]);
});

test.each(COMPATIBLE)("compatible, and said once: $title", ({ first, edit, told }) => {
  const changes = changesAfter(edit, releasedAfter(first));
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
  const body = "paths /v1/PushNotifications post requestBody content application/json schema";
  const compatible = put("paths /v1/Audit get responses 409", { description: "No." });
  const edit = all(put("info description", "Why."), compatible, append(`${body} required`, "priority"));
  const changes = changesAfter(edit);
  expect(kinds(changes)).toEqual(["breaking", "compatible", "compatible"]);
  expect(changes.at(-1)?.sentence).toBe("the document: info changed");
});

test("an API that is closed breaks all callers, one that opens none, and each is said with where", () => {
  const open = releasedAfter(put("security", []));
  const [closing, ...others] = compareDocuments(open, released);
  expect(others).toEqual([]);
  expect(closing?.kind).toBe("breaking");
  expect(closing?.sentence).toMatch(
    /^GET \/v1\/PushNotifications: security open → basic \(so in POST .* and \d+ more\)$/,
  );
  expect(kinds(compareDocuments(released, open))).toEqual(["compatible"]);
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
