import { countValues } from "./count-values.js";

test("values of all levels are counted, and no more of them than asked for", () => {
  expect(countValues(1, 10)).toBe(0);
  expect(countValues({ a: [1, 2, { b: null }], c: {} }, 10)).toBe(6);
  const many = Array.from({ length: 1_000 }, () => Array.from({ length: 1_000 }));
  expect(countValues(many, 5_000)).toBeGreaterThan(5_000);
  expect(countValues(many, 5_000)).toBeLessThan(8_000);
});
