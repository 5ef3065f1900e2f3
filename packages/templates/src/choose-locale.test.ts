import { chooseLocale } from "./choose-locale.js";

describe("chooseLocale", () => {
  test("an exact match wins, whatever its case", () => {
    expect(chooseLocale("PT-br", ["pt", "pt-BR"])).toBe("pt-BR");
  });

  test("subtags are dropped from the right until one matches", () => {
    expect(chooseLocale("pt-BR", ["en", "pt"])).toBe("pt");
    expect(chooseLocale("zh-Hant-TW", ["zh", "zh-Hant"])).toBe("zh-Hant");
  });

  test("a single letter is dropped with what follows it", () => {
    expect(chooseLocale("pt-BR-x", ["pt-BR"])).toBe("pt-BR");
    expect(chooseLocale("zh-Hant-x-private", ["zh-Hant-x", "zh-Hant"])).toBe("zh-Hant");
    expect(chooseLocale("i-klingon", ["i"])).toBeUndefined();
  });

  test("a recipient is never served a narrower language than asked for", () => {
    expect(chooseLocale("pt", ["pt-BR"])).toBeUndefined();
  });

  test("nothing is chosen without a locale, or without languages", () => {
    expect(chooseLocale(undefined, ["en"])).toBeUndefined();
    expect(chooseLocale("", ["en"])).toBeUndefined();
    expect(chooseLocale("en", [])).toBeUndefined();
  });
});
