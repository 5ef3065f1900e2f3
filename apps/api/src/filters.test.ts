import { tagsFilter, timeSchema } from "./filters.js";

test.each([
  [{ a: "\0" }, ["a"]],
  [{ "\0": "a" }, ["\0"]],
  [{ "": "a" }, [""]],
  [{ a: "x".repeat(257) }, ["a"]],
  [JSON.parse('{"__proto__":"a"}'), ["__proto__"]],
])("tags that no operation can have are refused by key: %j", (tags, path) => {
  expect(tagsFilter.safeParse(tags).error?.issues.map((issue) => issue.path)).toEqual([path]);
});

test("other tags are looked for as they are", () => {
  const tags = { campaign: "boarding", name: "{{ name }}" };
  expect(tagsFilter.parse(tags)).toEqual(tags);
});

test.each([
  ["0000-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
  ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"],
  ["2026-11-24T01:00:00+01:00", "2026-11-24T00:00:00.000Z"],
  ["9999-12-31T23:59:59-23:59", "9999-12-31T00:00:00.000Z"],
])("a time is one that the database can hold: %s", (text, time) => {
  expect(timeSchema.parse(text).toISOString()).toBe(time);
});
