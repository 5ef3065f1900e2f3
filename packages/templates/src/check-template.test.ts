import { checkTemplate, isTemplate } from "./index.js";

describe("isTemplate", () => {
  test("a text with an output or a tag is a template, any other is not", () => {
    expect(["{{ a }}", "x {% if a %}", "{{"].map(isTemplate)).toEqual([true, true, true]);
    expect(["", "{ a }", "100 %}", "}}"].map(isTemplate)).toEqual([false, false, false, false]);
  });
});

describe("checkTemplate", () => {
  test.each([
    "plain",
    "Hi {{ user.name | default: 'you' }}",
    "{% for item in items limit: 3 %}{{ forloop.index }}{% else %}none{% endfor %}",
    "{% assign a = 'x' | upcase %}{% capture b %}{{ a }}{% endcapture %}{% case b %}{% when 'X', 'Y' %}x{% endcase %}",
    "{% liquid\n assign a = 1\n echo a\n%}{% raw %}{{{% endraw %}{% comment %}{% endcomment %}{% unless a %}b{% endunless %}",
  ])("%j has no problem", (text) => {
    expect(checkTemplate(text)).toBeUndefined();
  });

  test.each([
    ["{{ a", "This output is not closed.", 1, 1],
    ["a\nb {% if x %}", "This tag is not closed.", 2, 3],
    ["a {% if x", "This tag is not closed.", 1, 3],
    ["{% raw %}a", "This tag is not closed.", 1, 10],
    ["é{{ a | shout }}", "The filter shout is not available.", 1, 2],
    ["{% if a | shout %}{% endif %}", "The filter shout is not available.", 1, 1],
    ["a\n\n {% blink %}", "The tag blink is not available.", 3, 2],
    ["{% endif %}", "The tag endif is outside of what it belongs to.", 1, 1],
    ["{% for %}{% endfor %}", "This tag is not written as it must be.", 1, 1],
    ["{{ }}", "Invalid value expression.", 1, 4],
    ["{% assign = 1 %}", "Expected variable name.", 1, 11],
    ["x".repeat(20_001), "The template is longer than 20000 characters.", 1, 1],
  ])("%j: %s", (text, message, line, column) => {
    expect(checkTemplate(text)).toEqual({ message, line, column });
  });

  test.each(["include", "render", "layout", "block", "#"])("the tag %s is not available", (tag) => {
    const text = `Hi\n  {% ${tag} 'a' %}`;
    expect(checkTemplate(text)).toEqual({ message: `The tag ${tag} is not available.`, line: 2, column: 3 });
  });

  test("filters that evaluate a text are not available", () => {
    for (const filter of ["where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"]) {
      expect(checkTemplate(`{{ a | ${filter}: "x", "x" }}`)?.message).toBe(`The filter ${filter} is not available.`);
    }
  });

  test("no nesting makes it throw", () => {
    for (const text of ["{% if a %}".repeat(2_000), `{{ ${"a[".repeat(9_000)} }}`, `{{ ${"(".repeat(9_000)} }}`]) {
      expect(checkTemplate(text)).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    }
  });
});
