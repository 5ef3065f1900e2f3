import { checkSendAt, sendRequestSchema, withoutFlawless } from "./send-request.js";

const minimal = { to: [{ provider: "FCM", token: "t" }], content: { title: "Hi" } };
const withTag = { ...minimal, tags: { key: "x" } };
const inGerman = (content: object, others: object = {}) => ({
  ...minimal,
  content: { title: "Hi", localizations: { de: content, ...others } },
});
const aCredentialId = "comms_credential_01h2xcejqtf2nbrexx3vqjhp41";
const nested = (levels: number): object => (levels === 0 ? {} : { x: nested(levels - 1) });
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
    ["a token that names another path", { ...minimal, to: [{ provider: "APN", token: ".." }] }, "/to/0/token"],
    ["an unknown provider", { ...minimal, to: [{ provider: "APNS", token: "t" }] }, "/to/0"],
    ["content of which nothing can be shown or read", { ...minimal, content: { category: "c" } }, "/content"],
    ["an image of two lines", { ...minimal, content: { images: ["https://e.com/a\nb.png"] } }, "/content/images/0"],
    ["one that begins with a blank", { ...minimal, content: { images: [" https://e.com"] } }, "/content/images/0"],
    ["a language twice", inGerman({ title: "a" }, { DE: { title: "b" } }), "/content/localizations/DE"],
    ["an image that is no web address", { ...minimal, content: { images: ["ftp://x/y"] } }, "/content/images/0"],
    ...["from", "message_type", "collapse_key", "aps", "fcm_options", "fanfare", "gcm.notification.e", "google.c"].map(
      (key): [string, object, string] => [
        `${key} as a key of data`,
        { ...minimal, content: { data: { [key]: "1" } } },
        `/content/data/${key}`,
      ],
    ),
    [
      "a reserved key of data in one language",
      inGerman({ data: { fanfare: "1" } }),
      "/content/localizations/de/data/fanfare",
    ],
    ["an alert push of data alone", { ...minimal, content: { data: { a: "1" } }, pushType: "alert" }, "/pushType"],
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
    ["a time without its zone", { ...minimal, schedule: { sendAt: "2030-01-01T00:00:00" } }, "/schedule/sendAt"],
    ["__proto__ as a tag", JSON.parse(JSON.stringify(withTag).replace("key", "__proto__")), "/tags/__proto__"],
    [
      "__proto__ as a key of data",
      { ...minimal, content: { data: JSON.parse('{"__proto__":"x"}') } },
      "/content/data/__proto__",
    ],
    [
      "__proto__ as a variable",
      { ...minimal, to: [{ provider: "FCM", token: "t", variables: JSON.parse('{"__proto__":"x"}') }] },
      "/to/0",
    ],
    ["__proto__ in an override", { ...minimal, apns: JSON.parse('{"__proto__":{}}') }, "/apns/__proto__"],
    ["a sender that is an app and a credential", { ...minimal, from: { appName: "a", fcm: aCredentialId } }, "/from"],
    ["the id of something else as a credential", { ...minimal, from: { fcm: "comms_operation_x" } }, "/from/fcm"],
    ["a number in the data of an override", { ...minimal, fcm: { data: { a: 1 } } }, "/fcm/data/a"],
    ["a reserved key in the data of an override", { ...minimal, fcm: { data: { from: "x" } } }, "/fcm/data/from"],
    [
      "a reserved key in android.data",
      { ...minimal, fcm: { android: { data: { from: "x" } } } },
      "/fcm/android/data/from",
    ],
    [
      "a key of ours in the payload for Apple",
      { ...minimal, fcm: { apns: { payload: { fanfare: null } } } },
      "/fcm/apns/payload/fanfare",
    ],
    ["a key of ours in the override for APNs", { ...minimal, apns: { fanfare: null } }, "/apns/fanfare"],
    [
      "a header that none can be",
      { ...minimal, fcm: { apns: { headers: { "apns-collapse-id": "日" } } } },
      "/fcm/apns/headers/apns-collapse-id",
    ],
    [
      "the name of a header that none can be",
      { ...minimal, fcm: { apns: { headers: { "a b": "x" } } } },
      "/fcm/apns/headers/a b",
    ],
    ["an override whose data is no object", { ...minimal, fcm: { data: "x" } }, "/fcm/data"],
    ["an aps that is no object", { ...minimal, apns: { aps: "x" } }, "/apns/aps"],
    ["a background push that shows something", { ...minimal, pushType: "background" }, "/pushType"],
    ["an override of the token", { ...minimal, fcm: { token: "other" } }, "/fcm"],
    ["an override that is no object", { ...minimal, apns: [] }, "/apns"],
    ["an override of more than 8 KB", { ...minimal, apns: { x: "x".repeat(8_200) } }, "/apns"],
    ["an override of 40 levels", { ...minimal, apns: nested(40) }, "/apns"],
    [
      "a language that is none",
      { ...minimal, content: { title: "x", localizations: { "?": {} } } },
      "/content/localizations/?",
    ],
  ])("%s is refused, and the field is named", (_what, body, pointer) => {
    expect(problemsOf(body).map((problem) => problem.split(":")[0])).toContain(pointer);
  });

  test("fields that do not exist (yet) are refused by name", () => {
    const result = sendRequestSchema.safeParse({ ...minimal, dryRun: true, content: { title: "x", contentId: "1" } });
    const keys = result.error?.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
    expect(keys?.sort()).toEqual(["contentId", "dryRun"]);
  });

  test("Liquid may stand where its result could not be checked yet", () => {
    const personal = {
      content: { images: ["https://x/{{ id }}.png"], title: "{{ name }}" },
      collapseKey: `{{ ${"x".repeat(100)} }}`,
      tags: { campaign: "{{ campaign }}" },
    };
    expect(problemsOf({ ...minimal, ...personal })).toEqual([]);
  });
});

test.each([
  [-1, ["must lie in the future"]],
  [0, ["must lie in the future"]],
  [1, []],
  [30 * 86_400_000, []],
  [30 * 86_400_000 + 1, ["must be at most 30 days ahead"]],
])("a schedule may lie up to 30 days ahead: %i ms", (aheadMs, details) => {
  const now = Date.UTC(2026, 10, 24);
  const schedule = { sendAt: new Date(now + aheadMs).toISOString() };
  const problems = checkSendAt({ schedule }, now);
  expect(problems.map(({ detail }) => detail)).toEqual(details);
  expect(problems.map(({ pointer }) => pointer)).toEqual(details.map(() => "/schedule/sendAt"));
});

test("without a schedule nothing is wrong with it", () => {
  expect(checkSendAt({}, 0)).toEqual([]);
});

describe("withoutFlawless", () => {
  const good = { provider: "FCM", token: "t" };
  const bad = { provider: "FCM", token: "" };
  const content = { title: "Hi" };
  const problemsWithout = (body: unknown) => problemsOf(withoutFlawless(body));

  test("what is wrong with recipients and the rest is what the schema says of all", () => {
    const to = [good, bad, { ...good, variables: { a: 1 } }, { ...good, colour: 1 }, "x", good];
    for (const body of [
      { to, content },
      { to, content: {}, tags: { "a b": "c" } },
      { to: [good], content: {} },
      { to: [], content },
      { to: "all", content },
      { content },
      null,
      "x",
    ]) {
      expect(problemsWithout(body)).toEqual(problemsOf(body));
      expect(problemsWithout(body).length).toBeGreaterThan(0);
    }
  });

  test("of 10,000 recipients of whom each is wrong the first 101 are asked about", () => {
    const to = [good, ...Array.from({ length: 9_999 }, () => bad)];
    const pointers = problemsWithout({ to, content }).map((problem) => problem.split(":")[0]);
    expect([...new Set(pointers)]).toEqual(Array.from({ length: 101 }, (_, index) => `/to/${index + 1}/token`));
  });

  test("recipients with hundreds of wrong fields are asked about until there are 1,000 of them", () => {
    const fields = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`x${index}`, 1]));
    const { to } = withoutFlawless({ to: Array.from({ length: 50 }, () => ({ ...good, ...fields })), content }) as {
      to: unknown[];
    };
    expect(to).toHaveLength(3);
    const addresses = Array.from({ length: 10 }, () => ({ ...good, ...fields }));
    const nested = withoutFlawless({ to: Array.from({ length: 50 }, () => ({ addresses })), content });
    expect(nested).toMatchObject({ to: [{ addresses }] });
  });

  test("of a list that is too long no element is looked at", () => {
    const addresses = Array.from({ length: 9_999 }, () => ({ colour: 1 }));
    expect(problemsWithout({ to: [{ addresses }], content })).toEqual([expect.stringContaining("/to/0")]);
  });
});
