import { boundWaitMs, LONGEST_WAIT_MS } from "./wait.js";

test.each([
  [0, 0],
  [1_500, 1_500],
  [0.2, 1],
  [-5, 0],
  [LONGEST_WAIT_MS, LONGEST_WAIT_MS],
  [LONGEST_WAIT_MS + 1, LONGEST_WAIT_MS],
  [1e300, LONGEST_WAIT_MS],
  [Number.POSITIVE_INFINITY, LONGEST_WAIT_MS],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.NaN, 0],
])("of a wait of %s ms a date can be made: %s", (ms, bounded) => {
  expect(boundWaitMs(ms)).toBe(bounded);
});
