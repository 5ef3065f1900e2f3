import { displayNameSchema } from "./account.js";

test.each(["a\u0007b", "a\ud800", "a\u200bb", "\ue000", "\u0378"])(
  "a name has none of %j, and it is said what else it may not have",
  (name) => {
    const [issue] = displayNameSchema.safeParse(name).error?.issues ?? [];
    expect(issue?.message).toBe(
      "must not contain control, format, private or unassigned characters, nor lone surrogates",
    );
  },
);

test.each(["Fanfare", "\u00c9t\u00e9 \u{1f3f3}", "x".repeat(128)])("a name may be %j", (name) => {
  expect(displayNameSchema.parse(name)).toBe(name);
});
