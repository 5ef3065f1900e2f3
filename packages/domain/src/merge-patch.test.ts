import type { Json } from "./json.js";
import { mergePatch } from "./merge-patch.js";

// The examples of RFC 7396, appendix A, that are about JSON objects and arrays.
test.each<[Json, Json, Json]>([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("%j patched with %j is %j", (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

test("keys that every object inherits are keys like any other", () => {
  const patch = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"a":1},"hasOwnProperty":1,"x":null,"z":2}',
  ) as Json;
  const merged = mergePatch({ x: 1, y: 1 }, patch);
  expect(JSON.stringify(merged)).toBe(
    '{"y":1,"__proto__":{"polluted":1},"constructor":{"a":1},"hasOwnProperty":1,"z":2}',
  );
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("neither the document nor the patch is changed", () => {
  const [target, patch] = [{ a: { b: 1 } }, { a: { b: null, c: { d: 1 } } }];
  mergePatch(target, patch);
  expect([target, patch]).toEqual([{ a: { b: 1 } }, { a: { b: null, c: { d: 1 } } }]);
});
