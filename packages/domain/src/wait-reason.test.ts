import { withAdvice } from "./wait-reason.js";

test.each([
  ["It is refused.", "Change it.", "It is refused. Change it."],
  ["It is refused.", undefined, "It is refused."],
  [undefined, "Change it.", "Change it."],
  [undefined, undefined, undefined],
])("of %j and the advice %j the text is %j", (detail, advice, text) => {
  expect(withAdvice(detail, advice)).toBe(text);
});
