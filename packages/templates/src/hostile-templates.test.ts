import { checkTemplate, createRenderer, RenderError } from "./index.js";

const repeat = (text: string, times: number) => text.repeat(times);
/** As often as fits into a template. */
const many = (text: string) => text.repeat(Math.floor(18_000 / text.length));
const loop = (body: string) => `{% for i in (1..200000) %}${body}{% endfor %}`;
const big = "{% assign r = (1..190000) %}{% assign r = r | compact %}";
const range = "{% assign r = (1..900000) %}";

const HOSTILE: Record<string, string> = {
  "nested loops over huge ranges": "{% for i in (1..10000000) %}{% for j in (1..10000000) %}x{% endfor %}{% endfor %}",
  "nested empty loops": repeat("{% for i in (1..9000) %}", 5) + repeat("{% endfor %}", 5),
  "an empty loop over a huge range": "{% for i in (1..10000000) %}{% endfor %}",
  "an empty tablerow": "{% tablerow i in (1..900000) %}{% endtablerow %}",
  "a range of numbers too big to count": "{% for i in (9007199254740992..9007199254740994) %}{% endfor %}",
  "the same, from variables":
    "{% assign a = '9007199254740992' | times: 1 %}{% assign b = a | plus: 2 %}{% for i in (a..b) %}{% endfor %}",
  "the same, in a filter's property": "{{ list | where: 'a[(9007199254740992..9007199254740994)]' }}",
  "a range to infinity": "{% for i in (1..'Infinity') %}{% endfor %}",
  "exponential concat": `{% assign x = "a,b" | split: "," %}${many("{% assign x = x | concat: x %}")}`,
  "exponential nesting": `{% assign x = "a,b" | split: "," %}${many("{% assign x = x | push: x %}")}{{ x }}`,
  "exponential nesting, joined": `{% assign x = list %}${many("{% assign x = x | push: x %}")}{{ x | join }}`,
  "exponential nesting, compared": `{% assign x = list %}${repeat("{% assign x = x | push: x %}", 40)}{% if x == x %}{% endif %}`,
  "deep nesting": `{% assign x = list %}${many("{% assign x = '' | split: '' | push: x %}")}{{ x | json }}`,
  "string doubling": `{% assign x = "aa" %}${many("{% assign x = x | append: x %}")}`,
  "string doubling in a loop": `{% assign x = "aa" %}${loop("{% assign x = x | prepend: x %}")}`,
  "string doubling by capture": `{% assign x = "aa" %}${loop("{% capture x %}{{ x }}{{ x }}{% endcapture %}")}`,
  "endless multiplication": loop("{% assign n = n | times: 9 | plus: 1 %}"),
  "padding of dates": '{{ 0 | date: "%9999999d" }}',
  "padding of nanoseconds": '{{ 0 | date: "%99999999N" }}',
  "padding by a huge width": `{{ 0 | date: "%${"9".repeat(100)}d" }}`,
  "long formats of dates": `{{ 0 | date: "${many("%A")}" }}`,
  replace: `{{ "aaaaaaaaaaaaaaaa" | replace: "a", "${"a".repeat(18_000)}" }}`,
  "repeated replace": `{% assign x = "a" %}${many('{% assign x = x | replace: "a", "aaaaaaaaaaaaaaaa" %}')}`,
  "replacing nothing": `{% assign x = "aaaaaaaaaaaaaaaa" %}${many('{% assign x = x | replace: "", x %}')}`,
  "a quadratic search": `{% assign a = "a" %}${repeat("{% assign a = a | append: a %}", 17)}{% assign p = a | slice: 0, 60000 | append: "ba" %}{{ a | remove_last: p }}`,
  "slices beyond all bounds": '{{ "a" | slice: 0, 100000000000 }}',
  "growing by url_encode": `{% assign x = "%" %}${many("{% assign x = x | url_encode | url_encode %}")}${loop("{% assign x = x | cgi_escape %}")}`,
  "sorting much": `${big}${many("{{ r | sort_natural | size }}")}`,
  "shuffling much": `${big}${many("{{ r | sample }}")}`,
  "long paths": `${big}{{ r | map: "${many("a.")}" }}`,
  "many outputs of a range": `${range}${many("{{ r }}")}`,
  "many captures of a range": `${range}${many("{% capture c %}{{ r }}{% endcapture %}")}`,
  "many comparisons": `${range}{% if ${many("r == r or ")} r == r %}{% endif %}`,
  "many cases": `${range}{% case r %}{% when ${many("r,")} 1 %}{% endcase %}`,
  "many contains": `${range}{% if ${many("r contains 0 or ")} r == r %}{% endif %}`,
  "many copies": `${range}${loop("{% for j in r reversed limit: 1 %}{% endfor %}")}`,
  "nesting without end": repeat("{% if n %}", 300) + loop(loop("")) + repeat("{% endif %}", 300),
  "an output that grows": loop("xxxxxxxxxxxxxxxx"),
};

/** Each would take minutes if arrays became texts wherever liquidjs expects a key or a number. */
const DISARMED: Record<string, string> = {
  "a range as many keys": `${range}{{ list | default: ${many("list[r],")} 1 }}`,
  "a range as many bounds": `${range}{{ list | default: ${many("(r..1),")} 1 }}`,
  "many modifiers": `${range}{% for i in list ${Array.from({ length: 1_500 }, (_, n) => `a${n}:(r..1)`).join(" ")} %}{% endfor %}`,
};

describe("a renderer ends", () => {
  const renderer = createRenderer();
  const render = (text: string, variables: Record<string, unknown>) =>
    renderer.forBatch()(variables, (renderText) => renderText(text));
  const variables = { list: [1, 2], n: 1 };

  test.each(Object.entries(HOSTILE))("with an error: %s", (_name, text) => {
    expect(checkTemplate(text)).toBeUndefined();
    expect(() => render(text, variables)).toThrow(RenderError);
  });

  test.each(Object.entries(DISARMED))("with or without an error: %s", (_name, text) => {
    expect(checkTemplate(text)).toBeUndefined();
    expect(outcomeOf(() => render(text, variables))).toMatch(/^rendered$|^RenderError$/);
  });

  test("variables that are nested deeply or hold themselves", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    for (const text of ["{{ v | json }}", "{{ v | join }}", "{{ v | inspect }}", "{% if v == v %}{% endif %}"]) {
      expect(() => render(text, { v: deep })).toThrow(RenderError);
      expect(() => render(text, { v: loop })).toThrow(RenderError);
    }
    expect(() => render("{{ v }}", { v: deep })).toThrow(RenderError);
  });
});

function outcomeOf(render: () => string): string {
  try {
    render();
    return "rendered";
  } catch (error) {
    return error instanceof Error ? error.name : "not even an error";
  }
}
