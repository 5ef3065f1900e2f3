import { contentSizeProblems } from "./content-size.js";

const data = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${100 + index}`, value]));
const inGerman = (content: object) => ({ title: "Hi", localizations: { de: content } });
const problemsOf = (content: object, more: object = {}) =>
  contentSizeProblems({ content, ...more }).map(({ path, message }) => `/${path.join("/")}: ${message}`);
const size = (bytes: number, limit: number) => `is at least ${bytes} bytes; a payload has at most ${limit}`;

describe("contentSizeProblems", () => {
  test.each([
    ["the largest text", { body: "x".repeat(4_096) }, {}],
    ["keys and values that may just fit", { data: data(512, "abcd") }, {}],
    ["more of them for a voip push", { data: data(512, "abcdef") }, { pushType: "voip" }],
    ["values that are small once they are rendered", { data: data(990, "{% if a %}a long text{% endif %}") }, {}],
    ["what an override may take away", { data: data(512, "abcdefgh") }, { fcm: { data: null } }],
    ["a language that is as large", inGerman({ body: "x".repeat(4_094) }), {}],
    [
      "a text of a language in the place of another",
      { ...inGerman({ body: "y".repeat(4_000) }), body: "x".repeat(4_000) },
      {},
    ],
    ["65,536 characters of Liquid", { data: data(16, "{{ a }}{%  %}".padEnd(4_096, "{{ abcd }}")) }, {}],
    ["text beside Liquid, more than that", { data: data(60, `{{ a }}${"x".repeat(4_089)}`) }, {}],
  ])("%s can be sent", (_what, content, more) => {
    expect(problemsOf(content, more)).toEqual([]);
  });

  test.each([
    ["a text and one byte", { body: "x".repeat(4_096), title: "y" }, {}, `/content: ${size(4_097, 4_096)}`],
    ["characters of more bytes", { body: "é".repeat(2_049) }, {}, `/content: ${size(4_098, 4_096)}`],
    ["all keys and values together", { data: data(513, "abcd") }, {}, `/content: ${size(4_104, 4_096)}`],
    ["keys whose values are templates", { data: data(1_025, "{{ a }}") }, {}, `/content: ${size(4_225, 4_096)}`],
    ["a voip push", { data: data(513, "abcdef") }, { pushType: "voip" }, `/content: ${size(5_130, 5_120)}`],
    [
      "more than an override has to do with",
      { data: data(513, "x".repeat(124)) },
      { apns: { a: 1 } },
      `/content: ${size(65_664, 65_536)}`,
    ],
    [
      "one language, with what it has of the others",
      inGerman({ body: "x".repeat(4_095) }),
      {},
      `/content/localizations/de: ${size(4_097, 4_096)}`,
    ],
    [
      "what is so in every language, once",
      { ...inGerman({ title: "Hallo" }), body: "x".repeat(4_096) },
      {},
      `/content: ${size(4_098, 4_096)}`,
    ],
    ["an override that says nothing", { body: "é".repeat(2_049) }, { fcm: {} }, `/content: ${size(4_098, 4_096)}`],
    [
      "more than 65,536 characters of Liquid",
      { title: "{{ a\n }}", data: data(16, "{{ abcdef }}{% if a %}{% endif %}".repeat(125)) },
      {},
      "/content: has 66008 characters of Liquid; at most 65536 are taken",
    ],
    [
      "more than 262,144 characters of text",
      { data: data(65, `{{ a }}${"x".repeat(4_089)}`) },
      {},
      "/content: has 266240 characters of text in all; at most 262144 are taken",
    ],
  ])("%s can not", (_what, content, more, problem) => {
    expect(problemsOf(content, more)).toEqual([problem]);
  });
});
