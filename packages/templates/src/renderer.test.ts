import { patient } from "@fanfare/testkit";
import { createRenderer, RenderError, type Renderer } from "./index.js";

type Variables = Record<string, unknown>;

/** Renders one text as the only one of its line, and that as the only line of its batch. */
const renderAlone = (renderer: Renderer, text: string, variables: Variables) =>
  renderer.forBatch()(variables, (renderText) => renderText(text));

const renderer = createRenderer({ lineMs: patient(5_000) });
const render = (text: string, variables: Variables = {}) => renderAlone(renderer, text, variables);

describe("render", () => {
  test.each([
    ["plain", {}, "plain"],
    ["Hi {{ user.name }}", { user: { name: "Zoë" } }, "Hi Zoë"],
    ["[{{ a.b.c }}]", {}, "[]"],
    ["{{ name | default: 'you' }}", {}, "you"],
    ["{{ n | plus: 1 }} {{ list | join: '+' }} {{ list }}", { n: 1, list: [1, 2] }, "2 1+2 12"],
    ["{% for i in (1..3) %}{{ i }}{% endfor %}", {}, "123"],
    ["{% for i in (a..b) %}{{ i }}{% endfor %}", { a: "2", b: 4 }, "234"],
    ["{% for i in (a..b) %}{{ i }}{% else %}none{% endfor %}", { a: [1] }, "none"],
    ["{% case n %}{% when 1, 2 %}few{% when 3 %}three{% else %}many{% endcase %}", { n: 2 }, "few"],
    ["{% case n %}{% when 1 %}one{% else %}many{% endcase %}", { n: 9 }, "many"],
    ["{% capture a %}x{{ n }}{% endcapture %}{{ a | append: a }}", { n: 1 }, "x1x1"],
    ["{% if a contains 'b' and a != 'c' and l contains 2 %}y{% endif %}", { a: "abc", l: [1, 2] }, "y"],
    ["{{ l | where: 'k', 1 | map: 'v.w' | first }}", { l: [{ k: 1, v: { w: "x" } }] }, "x"],
    ["{{ l | sort_natural: 'k' | map: 'k' | join }}", { l: [{ k: "b" }, { k: "A" }] }, "A b"],
    ["{{ t | date: '%Y-%m-%d %H:%M %A' }}", { t: 0 }, "1970-01-01 00:00 Thursday"],
    ["{{ a }}<b>", { a: "&" }, "&<b>"],
    ["{{ o.first }}{{ o.size }}", { o: { first: "f", size: "s" } }, "fs"],
  ])("%j", (text, variables, output) => {
    expect(render(text, variables)).toBe(output);
  });

  test.each([
    "a.constructor",
    "a.__proto__",
    "a['__proto__'].polluted",
    "constructor",
    "__proto__",
    "a.toString",
    "forloop.constructor",
    "forloop.__proto__.__proto__",
    "empty.constructor",
    "a.list.constructor",
    "a.name.constructor",
    "a | map: 'constructor'",
    "a.list | where: 'constructor' | first",
  ])("what a prototype has renders empty: %s", (expression) => {
    const variables = { a: { name: "x", list: [1] } };
    expect(render(`{% for i in (1..1) %}{{ ${expression} }}{% endfor %}`, variables)).toBe("");
  });

  test("a template cannot reach a prototype by assigning to one", () => {
    render(
      "{% assign __proto__ = a %}{% assign constructor = a %}{% increment __proto__ %}{% capture toString %}x{% endcapture %}",
      {
        a: { polluted: 1 },
      },
    );
    expect("polluted" in {}).toBe(false);
    expect(render("{{ polluted }}")).toBe("");
  });

  test("variables are left as they were", () => {
    const variables = deepFreeze({ n: 1, list: [3, 1, 2], objects: [{ k: 2 }, { k: 1 }] });
    const text =
      "{% increment n %}{% decrement m %}{% assign n = 5 %}{{ list | sort | reverse | push: 4 | join }}" +
      "{% for o in objects reversed %}{{ o.k }}{% endfor %}{{ objects | sort: 'k' | map: 'k' | join }}{{ list | pop | shift | unshift: 1 | uniq | size }}";
    expect(render(text, variables)).toBe("1-13 2 1 4121 21");
    expect(variables).toEqual({ n: 1, list: [3, 1, 2], objects: [{ k: 2 }, { k: 1 }] });
  });

  test("one rendering leaves nothing behind for the next", () => {
    expect(render("{% increment n %}{% cycle 'a', 'b' %}{{ x }}{% assign x = 1 %}")).toBe("0a");
    expect(render("{% increment n %}{% cycle 'a', 'b' %}{{ x }}{% assign x = 1 %}")).toBe("0a");
  });
});

describe("RenderError", () => {
  const errorOf = (text: string, variables: Record<string, unknown> = {}, options = {}) => {
    try {
      return renderAlone(createRenderer({ lineMs: patient(5_000), ...options }), text, variables);
    } catch (error) {
      return error;
    }
  };

  test("it is not worth a retry", () => {
    expect(errorOf("{{ a")).toBeInstanceOf(RenderError);
    expect(errorOf("{{ a")).toMatchObject({ name: "RenderError", retryable: false });
  });

  test("a text that is no template says what and where", () => {
    expect(errorOf("Hi\n{{ a | shout }}")).toMatchObject({
      message: "The filter shout is not available (line 2, column 1).",
    });
  });

  test.each([
    ["{{ s | url_decode }}", { s: "%E0%A4%A" }],
    ["{{ s | base64_decode }}", { s: "secret!" }],
    ["{{ 0 | date: '%Y', s }}", { s: "Secret/Zone" }],
  ])("a filter that throws is named by its place, and no value is quoted: %s", (text, variables) => {
    expect(errorOf(text, variables)).toMatchObject({
      message: "A filter or tag of the template cannot work with its values (line 1, column 1).",
    });
  });

  test("output up to the limit is let through, and one character more is not", () => {
    expect(errorOf("{{ s }}", { s: "abc" }, { outputMaxLength: 3 })).toBe("abc");
    for (const text of ["{{ s }}d", "abcd"]) {
      const { message } = errorOf(text, { s: "abc" }, { outputMaxLength: 3 }) as Error;
      expect(message).toMatch(/^The output is longer than 3 characters/);
    }
  });

  test.each(["\0", "\ud800", "a\udc00", '{{ "\\u0000" }}', '{{ "😀" | split: "" | first }}'])(
    "%j cannot be stored",
    (text) => {
      expect(errorOf(text)).toMatchObject({ message: "The output must not contain U+0000 or a lone surrogate." });
    },
  );

  test("time and memory are limits of the renderer", () => {
    // What is stopped before its first tag has no place: the time is too short for the loop, and ample to come to it.
    const long = "{% for i in (1..1000000) %}{% endfor %}";
    expect(errorOf(long, {}, { lineMs: 20, memoryUnits: 1_000_000_000 })).toMatchObject({
      message: "The template takes too long to render (line 1, column 1).",
    });
    const loop = "{% for i in (1..100000) %}{% endfor %}";
    expect(errorOf(loop, {}, { memoryUnits: 1_000 })).toMatchObject({
      message: "The template needs too much memory (line 1, column 1).",
    });
  });
});

function deepFreeze<Value extends object>(value: Value): Value {
  for (const child of Object.values(value)) if (typeof child === "object" && child !== null) deepFreeze(child);
  return Object.freeze(value);
}
