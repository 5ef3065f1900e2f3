import { reasonOf } from "./reason-of.js";

test.each([
  ["what happened, not the call", new Error("Invalid `query` invocation:\n\n\nrefused\n"), "refused"],
  [
    "the first of several addresses",
    new AggregateError([new Error("connect ECONNREFUSED ::1:1")]),
    "connect ECONNREFUSED ::1:1",
  ],
  ["the own words of one with several reasons", new AggregateError([new Error("a")], "All failed"), "All failed"],
  ["the name of one without words", new AggregateError([]), "AggregateError"],
  ["what is no error", "away", "away"],
])("a reason in one line: %s", (_what, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
