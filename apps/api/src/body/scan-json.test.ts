import fc from "fast-check";
import { type JsonLimits, scanJson } from "./scan-json.js";

const LIMITS: JsonLimits = { depth: 5, members: 100, elements: 100, text: 100, key: 50, values: 1_000, shapes: 200 };
const scan = (text: string, limits: Partial<JsonLimits> = {}) => scanJson(Buffer.from(text), { ...LIMITS, ...limits });

/** A text as JSON, each of its characters escaped or not. */
const spelled = (text: string, escapes: readonly boolean[]) =>
  `"${Array.from({ length: text.length }, (_, at) =>
    escapes[at % Math.max(1, escapes.length)]
      ? `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`
      : JSON.stringify(text.charAt(at)).slice(1, -1),
  ).join("")}"`;

test("whatever JSON.stringify writes is nothing to refuse", () => {
  const value = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
  fc.assert(
    fc.property(value, fc.nat(4), (json, indent) => {
      fc.pre(!JSON.stringify(json).includes("__proto__"));
      expect(scan(JSON.stringify(json, null, indent), { text: 10_000, key: 10_000 })).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test("a key is refused when its object has it already, however either is spelled, and no other", () => {
  const key = fc.oneof(fc.constantFrom("a", "b", "é", "日", "😀", '"', "\\", "{", ","), fc.string({ maxLength: 3 }));
  const member = fc.tuple(key, fc.array(fc.boolean(), { maxLength: 3 }));
  const seen = { repeated: 0, distinct: 0 };
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 90 }), (members) => {
      const keys = members.map(([name]) => name);
      const first = keys.findIndex((name, at) => keys.indexOf(name) < at);
      const text = `[{"a":1},{${members.map(([name, escapes]) => `${spelled(name, escapes)}: {"a": "a"}`).join()}},{"a":1}]`;
      seen[first < 0 ? "distinct" : "repeated"] += 1;
      const expected = first < 0 ? undefined : expect.objectContaining({ code: "repeated-key" });
      expect(scan(text)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});

test.each([
  ["a key that stands twice", '{"to":[{},{"token":"a","x":[1,2],"token":"b"}]}', "/to/1/token", "repeated-key"],
  [
    "the same beyond many others",
    `{${Array.from({ length: 80 }, (_, n) => `"k${n}":1`).join()},"k3":1}`,
    "/k3",
    "repeated-key",
  ],
  ["a key that is taken for a prototype", '{"a":{"__proto__":{}}}', "/a/__proto__", "reserved-key"],
  ["the same with an escape", '{"a":{"\\u005f_proto__":{}}}', "/a/__proto__", "reserved-key"],
  ["too many fields", `{"a":{${Array.from({ length: 101 }, (_, n) => `"k${n}":1`).join()}}}`, "/a", "too-big"],
  ["too many elements", `{"a":[{"b":[${"1,".repeat(100)}1]}]}`, "/a/0/b", "too-big"],
  ["a text that is too long", `{"a":[1,"${"x".repeat(101)}"]}`, "/a/1", "too-big"],
  ["a key that is too long", `{"a":{"${"x".repeat(51)}":1}}`, "/a", "too-big"],
  ["a number that a double does not hold", '{"a":{"b":[1,12345678901234567890]}}', "/a/b/1", "invalid-value"],
  ["one that is too large", '{"a":-1e400}', "/a", "invalid-value"],
  ["one of its own", "1e-400", "", "invalid-value"],
  ["one that goes on and on", `[${"1".repeat(60)}]`, "/0", "invalid-value"],
  ["too much depth", '{"a":[1,[[{"b":[1]}]]]}', "/a/1/0/0/b", "too-big"],
  ["too many values", `[${"[1,1,1,1,1,1,1,1,1,1],".repeat(99)}[1]]`, "", "too-big"],
  [
    "too many kinds of objects",
    `[${Array.from({ length: 70 }, (_, n) => `{"a":1,"b${n}":1,"c":1,"d":1}`).join()}]`,
    "",
    "too-big",
  ],
])("%s is refused where it is", (_what, text, pointer, code) => {
  expect(scan(text)).toEqual({ pointer, code, detail: expect.any(String) });
});

test.each([
  ["as many fields as there may be", `{${Array.from({ length: 100 }, (_, n) => `"k${n}":1`).join()}}`],
  ["as many elements", `[${"1,".repeat(99)}1]`],
  ["a text of the greatest length", `{"${"k".repeat(50)}":"${"x".repeat(100)}"}`],
  ["as much depth", "[[[[[]]]]]"],
  ["objects that are of one kind", `[${'{"a":1,"b":1,"c":1,"d":1},'.repeat(99)}{}]`],
])("%s is nothing to refuse", (_what, text) => {
  expect(scan(text)).toBeUndefined();
});

test("a text ends at its quote, whatever stands before it", () => {
  const piece = fc.oneof(
    fc.constantFrom('"', "\\", "\\".repeat(3), "x".repeat(70), "é", "😀", '","a":1'),
    fc.string({ maxLength: 80 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = JSON.stringify({ a: pieces.join(""), b: [pieces], c: 1 });
      expect(scan(text, { text: 10_000, key: 10_000 })).toBeUndefined();
      // Where the text were taken to be longer or shorter than it is, this key would not be seen.
      const repeated = `${text.slice(0, -1)},"c":2}`;
      expect(scan(repeated, { text: 10_000, key: 10_000 })).toMatchObject({ pointer: "/c", code: "repeated-key" });
    }),
    { numRuns: 1_000 },
  );
});

test("what is no JSON is left to the parser", () => {
  for (const text of ["", "}}]]", '{"a', '"\\', "[1 2", '{"a":1,}', "{1:2}"]) expect(scan(text)).toBeUndefined();
});
