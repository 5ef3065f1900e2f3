import { priorityForDepth } from "./priority-for-depth.js";

test("the first recipients of any operation go before the later ones of every other", () => {
  expect([1, 500, 501, 1_000, 1_001, 1_000_000].map(priorityForDepth)).toEqual([0, 0, 1, 1, 2, 1_999]);
});

test("the deepest recipient there can be has a priority that BullMQ takes", () => {
  expect(priorityForDepth(2 ** 24 - 1)).toBeLessThan(2 ** 21);
});
