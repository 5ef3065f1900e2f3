import { ParseCache } from "./parse-cache.js";

describe("ParseCache", () => {
  test("a text is parsed once while it is in use, and the least recently used one goes first", () => {
    const parsed: string[] = [];
    const cache = new ParseCache(2, (text) => {
      parsed.push(text);
      return { text };
    });
    for (const text of ["a", "b", "a", "c", "a", "b"]) expect(cache.get(text)).toEqual({ text });
    expect(parsed).toEqual(["a", "b", "c", "b"]);
  });

  test("a text that cannot be parsed leaves nothing behind", () => {
    let calls = 0;
    const cache = new ParseCache(2, () => {
      calls += 1;
      throw new Error("no");
    });
    expect(() => cache.get("a")).toThrow("no");
    expect(() => cache.get("a")).toThrow("no");
    expect(calls).toBe(2);
  });
});
