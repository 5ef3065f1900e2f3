import fc from "fast-check";
import { collapseIdOf } from "./collapse-id.js";
import { isCollapseKey } from "./push-message.js";

/** RFC 9110, section 5.5, and Apple's limit of 64 bytes. */
const LEGAL = /^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/;

test("a key that a header carries unchanged is the collapse id itself", () => {
  for (const key of ["gate A1", "!~", "x".repeat(64), "0".repeat(63)]) expect(collapseIdOf(key)).toBe(key);
});

test("other keys are replaced by their SHA-256", () => {
  for (const key of ["日", "å", "a\nb", "a\tb", " a", "a ", "\u007f", "\u0001"]) {
    expect(collapseIdOf(key)).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(collapseIdOf("日")).toBe("85217f7aff77841438439fb3e7cf37bb3062fb026453c7692247d3a5641a0115");
});

test("a key that is another one's hash is told from it", () => {
  const hash = collapseIdOf("日");
  expect(collapseIdOf(hash)).not.toBe(hash);
  expect(collapseIdOf(collapseIdOf(hash))).not.toBe(collapseIdOf(hash));
});

test("of 10,000 generated keys each is legal in a header and distinct from all others", () => {
  const any = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
  const near = fc.string({ unit: fc.constantFrom("a", "å", "日", "é", "e\u0301", " ", "\n", "\u0000"), maxLength: 12 });
  const keys = new Set(fc.sample(fc.oneof(any, near).filter(isCollapseKey), { numRuns: 16_000, seed: 1 }));
  expect(keys.size).toBeGreaterThan(10_000);
  const ids = [...keys].map(collapseIdOf);
  expect(ids.filter((id) => !LEGAL.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(keys.size);
});
