import { storableText } from "./storable-text.js";

test("what Postgres can not hold is replaced, and the length is bounded", () => {
  expect(storableText("a\u0000b\ud800c😀")).toBe("a\ufffdb\ufffdc😀");
  expect(storableText("x".repeat(5_000))).toHaveLength(1_000);
});
