import { ParseCache } from "./parse-cache.js";

/** A cache, and the texts that it has parsed. */
function aCache(maxLength: number) {
  const parsed: string[] = [];
  const cache = new ParseCache(maxLength, (text) => {
    parsed.push(text);
    return { text };
  });
  return { cache, parsed };
}

describe("ParseCache", () => {
  test("a text is parsed once while it is in use, and the least recently used one goes first", () => {
    const { cache, parsed } = aCache(2);
    for (const text of ["a", "b", "a", "c", "a", "b"]) expect(cache.get(text)).toEqual({ text });
    expect(parsed).toEqual(["a", "b", "c", "b"]);
  });

  test("its room is one of characters: many short texts fit, and a long one takes the place of several", () => {
    const { cache, parsed } = aCache(6);
    const short = ["a", "b", "c", "d", "e", "f"];
    for (const text of [...short, ...short]) cache.get(text);
    expect(parsed).toEqual(short);
    for (const text of ["long", "f", "e", "d"]) cache.get(text);
    expect(parsed).toEqual([...short, "long", "d"]);
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
