import { sendRequestSchema, withoutDuplicates } from "./send-request.js";

const minimal = { to: [{ provider: "FCM", token: "t" }], content: { title: "Hi" } };
const problemsOf = (body: unknown) =>
  sendRequestSchema.safeParse(body).error?.issues.map(({ path, message }) => `/${path.join("/")}: ${message}`) ?? [];

describe("sendRequestSchema", () => {
  test("what is absent gets its default", () => {
    expect(sendRequestSchema.parse(minimal)).toEqual({
      ...minimal,
      priority: "HIGH",
      sound: null,
      ttl: 2_419_200,
      tags: {},
    });
  });

  test("a token may be 4,096 visible characters of any kind", () => {
    for (const token of ["x".repeat(4_096), "ab:cd_EF-91/+=", "日本語"]) {
      expect(problemsOf({ ...minimal, to: [{ provider: "APN", token }] })).toEqual([]);
    }
  });

  test.each([
    ["no recipient", { ...minimal, to: [] }, "/to"],
    ["10,001 recipients", { ...minimal, to: Array.from({ length: 10_001 }, () => minimal.to[0]) }, "/to"],
    ["an empty token", { ...minimal, to: [{ provider: "FCM", token: "" }] }, "/to/0/token"],
    ["a token of 4,097 characters", { ...minimal, to: [{ provider: "FCM", token: "x".repeat(4_097) }] }, "/to/0/token"],
    ["a token with a blank", { ...minimal, to: [{ provider: "FCM", token: "a b" }] }, "/to/0/token"],
    ["a token with a control character", { ...minimal, to: [{ provider: "FCM", token: "a\u0000" }] }, "/to/0/token"],
    ["an unknown provider", { ...minimal, to: [{ provider: "APNS", token: "t" }] }, "/to/0/provider"],
    ["content of which nothing can be shown or read", { ...minimal, content: { category: "c" } }, "/content"],
    ["an image that is no web address", { ...minimal, content: { images: ["ftp://x/y"] } }, "/content/images/0"],
    ["a reserved key of data", { ...minimal, content: { data: { google_id: "1" } } }, "/content/data/google_id"],
    ["a value of data that is no string", { ...minimal, content: { data: { a: 1 } } }, "/content/data/a"],
    ["text with U+0000", { ...minimal, content: { title: "a\u0000b" } }, "/content/title"],
    ["text with a lone surrogate", { ...minimal, content: { title: "\ud800" } }, "/content/title"],
    ["a negative TTL", { ...minimal, ttl: -1 }, "/ttl"],
    ["a TTL of more than 28 days", { ...minimal, ttl: 2_419_201 }, "/ttl"],
    ["a TTL with a fraction", { ...minimal, ttl: 1.5 }, "/ttl"],
    ["a collapse key of 65 bytes", { ...minimal, collapseKey: `${"é".repeat(32)}x` }, "/collapseKey"],
    ["an unknown priority", { ...minimal, priority: "high" }, "/priority"],
    [
      "eleven tags",
      { ...minimal, tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, "v"])) },
      "/tags",
    ],
    ["a tag with a blank", { ...minimal, tags: { k: "a b" } }, "/tags/k"],
    ["a negative badge", { ...minimal, badge: -1 }, "/badge"],
  ])("%s is refused, and the field is named", (_what, body, pointer) => {
    expect(problemsOf(body).map((problem) => problem.split(":")[0])).toContain(pointer);
  });

  test("fields that do not exist (yet) are refused by name", () => {
    const result = sendRequestSchema.safeParse({
      ...minimal,
      from: {},
      schedule: {},
      content: { title: "x", contentId: "1" },
    });
    const keys = result.error?.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
    expect(keys?.sort()).toEqual(["contentId", "from", "schedule"]);
  });
});

test("of equal addresses the first one stays, and the same token at the other provider is another address", () => {
  const recipients = [
    { provider: "FCM", token: "a" },
    { provider: "APN", token: "a" },
    { provider: "FCM", token: "b" },
    { provider: "FCM", token: "a" },
  ] as const;
  expect(withoutDuplicates(recipients)).toEqual(recipients.slice(0, 3));
});
