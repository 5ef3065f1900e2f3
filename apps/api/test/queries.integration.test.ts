import { pageTokenOf } from "../src/page-token.js";
import { ROUTES } from "../src/routes.js";
import { addCredentials, aSend, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";
let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
});
afterAll(() => api.close());

const ULID = "01h2xcejqtf2nbrexx3vqjhp41";
const PARAMETERS: Record<string, string> = {
  appName: "airline",
  accountId: `AC${"0".repeat(31)}1`,
  apiKeyId: `SK${"0".repeat(32)}`,
};
const targetOf = (route: string) => route.replaceAll(/:(\w+)/g, (_all, name: string) => PARAMETERS[name] ?? ULID);

/** Every route that reads a query, and the document, each with who may use it. */
const everyRoute = () => [
  ...ROUTES.map(({ method, path: route, access }) => ({
    method: method.toUpperCase(),
    target: targetOf(route),
    as: access.includes("operator") ? api.operator : api.account,
  })),
  { method: "GET", target: "/openapi.json", as: api.account },
];

type Problem = Record<"pointer" | "code" | "detail", string>;

async function problemsOf(target: string, method = "GET", as = api.account, body?: object) {
  const answer = await api.call(method, target, { as, body });
  const errors: Problem[] = answer.body?.errors ?? [];
  return {
    status: answer.status,
    detail: answer.body?.detail,
    errors: errors.map(({ pointer, code, detail }) => `${pointer} ${code}: ${detail}`),
  };
}

test.each([
  ["nonsense=1", "/nonsense unknown-field: nonsense is not a parameter here."],
  ["a=1&a=1", "/a repeated-parameter: is there more than once"],
  ["%61=1&a=2", "/a repeated-parameter: is there more than once"],
  ["a=%ff", "/a invalid-encoding: must be UTF-8 in percent encoding"],
  ["a=%zz", "/a invalid-encoding: must be UTF-8 in percent encoding"],
  ["a=%ed%a0%80", "/a invalid-encoding: must be UTF-8 in percent encoding"],
  ["%ff=1", "/%ff invalid-encoding: must be UTF-8 in percent encoding"],
  ["a=%00", "/a invalid-encoding: must not contain U+0000"],
  ["__proto__=1", "/__proto__ unknown-field: __proto__ is not a parameter here."],
  ["constructor=1", "/constructor unknown-field: constructor is not a parameter here."],
  ["a", "/a unknown-field: a is not a parameter here."],
  ["=1", '/ unknown-field: "" is not a parameter here.'],
])("on every route ?%s is a 400 that names it, before anything else is looked at", async (query, problem) => {
  for (const { method, target, as } of everyRoute()) {
    const { status, detail, errors } = await problemsOf(`${target}?${query}`, method, as);
    expect([`${method} ${target}`, status, errors]).toEqual([`${method} ${target}`, 400, [problem]]);
    expect(detail).toBe(`1 parameter is not valid${method === "GET" ? "" : "; nothing was done"}.`);
  }
});

test("a send that a parameter was to keep from being one is none", async () => {
  const { status, errors } = await problemsOf(`${path}?dryRun=true`, "POST", api.account, aSend());
  expect([status, errors]).toEqual([400, ["/dryRun unknown-field: dryRun is not a parameter here."]]);
  expect(await api.db.operation.count()).toBe(0);
});

const PAGE_SIZE = "must be a number from 1 to 1,000";
const PAGE_TOKEN = "is not a page token of this list";
const ID = "01a20fdc-ef66-1ec2-c5ce-59c50d691f03";
const TOKEN = pageTokenOf({ originalUrl: `${path}/Operations` }, { before: ID });
/** Of this list too, with any text for a cursor. */
const tokenWith = (text: string) => `${TOKEN.slice(0, 8)}${Buffer.from(text).toString("base64url")}`;

test.each([
  ...["0x10", "%205", "+5", "%2b5", "5.0", "1e2", "", "0", "-1", "1001", "05", "٥", "5%0a"].map((text) => [
    "pageSize",
    text,
    PAGE_SIZE,
  ]),
  ...[
    "",
    "%20",
    TOKEN.slice(0, 8),
    TOKEN.slice(8),
    `${TOKEN}=`,
    `${TOKEN}!`,
    `${TOKEN}%0a`,
    `%20${TOKEN}`,
    `${TOKEN}${TOKEN}`,
    `${TOKEN}.`,
  ].map((text) => ["pageToken", text, PAGE_TOKEN]),
  ["pageToken", tokenWith(JSON.stringify({ before: ID, more: 1 })), PAGE_TOKEN],
  ["pageToken", tokenWith(`{ "before": "${ID}" }`), PAGE_TOKEN],
  ["pageToken", tokenWith(`{"before":"x","before":"${ID}"}`), PAGE_TOKEN],
  ["status", "", "must be one of SCHEDULED, PROCESSING, COMPLETED, CANCELED"],
  ["status", "processing", "must be one of SCHEDULED, PROCESSING, COMPLETED, CANCELED"],
  ["createdAfter", "", "must be a time such as 2026-01-31T12:00:00Z"],
  ["createdAfter", "2026-01-31", "must be a time such as 2026-01-31T12:00:00Z"],
])("a list's %s=%s is a 400 that says what it has to be", async (name, text, detail) => {
  const { status, errors } = await problemsOf(`${path}/Operations?${name}=${text}`);
  expect([status, errors.map((error) => error.replace(/ [\w-]+:/, ""))]).toEqual([400, [`/${name} ${detail}`]]);
});

test("what is written as it has to be is taken", async () => {
  for (const query of [
    `pageToken=${TOKEN}`,
    "pageSize=1",
    "pageSize=1000",
    "tag.a=b+c",
    "tag.constructor=%F0%9F%8F%B3",
    "&&",
  ]) {
    expect([query, (await problemsOf(`${path}/Operations?${query}`)).status]).toEqual([query, 200]);
  }
});

test("a tag that no operation can have is named", async () => {
  const { status, errors } = await problemsOf(`${path}/Operations?tag.__proto__=1&tag.a=${"x".repeat(257)}`);
  expect(status).toBe(400);
  expect(errors.map((error) => error.split(" ")[0])).toEqual(["/tag.__proto__"]);
});

test("tags are `tag.<key>` alone", async () => {
  for (const query of ["tags=x", "tags=x&tag.a=b", "tags"]) {
    const { status, errors } = await problemsOf(`${path}/Operations?${query}`);
    expect([query, status, errors]).toEqual([query, 400, ["/tags unknown-field: tags is not a parameter here."]]);
  }
  const { errors } = await problemsOf(`${path}/Operations?tag.a=${"x".repeat(257)}&tag.b=`);
  expect(errors).toEqual(["/tag.a too-big: must have at most 256 characters"]);
});

test("of more tags than there may be the first that is one too many is named", async () => {
  const query = Array.from({ length: 12 }, (_, index) => `tag.a${index}=1`).join("&");
  const { status, errors } = await problemsOf(`${path}?${query}`);
  expect([status, errors]).toEqual([400, ["/tag.a10 invalid-value: is one tag more than the 10 that there may be"]]);
});

test("a path that names nothing is not repeated at length", async () => {
  for (const target of [`${path}/${"a".repeat(15_000)}`, `/${"b".repeat(15_000)}`]) {
    const { status, detail } = await problemsOf(target);
    expect(status).toBe(404);
    expect(detail.length).toBeLessThan(250);
    expect(detail).toMatch(/^There is no.* .*…\.$/);
  }
});

test("all bad parameters are named at once", async () => {
  const { errors } = await problemsOf(`${path}?pageSize=x&status=y&z=1`);
  expect(errors.map((error) => error.split(" ")[0]).sort()).toEqual(["/pageSize", "/status", "/z"]);
});

describe("the seed's sample id, which was never minted here", () => {
  test.each([ULID, `comms_operation_${ULID}`, ULID.toUpperCase()])(
    "as %s is a 404, in a path and as a filter",
    async (id) => {
      for (const target of [
        `/Operations/${id}`,
        `/Operations/${id}/Errors`,
        `/Operations/${id}/Attempts`,
        `/Operations/${id}/Events`,
        `?operationId=${id}`,
      ]) {
        const { status, detail } = await problemsOf(`${path}${target}`);
        expect([target, status]).toEqual([target, 404]);
        expect(detail).toMatch(/^There is no operation .*01h2xcejqtf2nbrexx3vqjhp41\.$/i);
      }
      expect((await problemsOf(`${path}/Operations/${id}/Cancel`, "POST")).status).toBe(404);
    },
  );

  test("is a 400 as a filter when it is malformed, and names nothing in a path", async () => {
    const malformed = ULID.slice(1);
    const { status, errors } = await problemsOf(`${path}?operationId=${malformed}`);
    expect([status, errors]).toEqual([400, ["/operationId invalid-value: is not the id of an operation"]]);
    const inPath = await problemsOf(`${path}/Operations/${malformed}/Errors`);
    expect([inPath.status, inPath.detail]).toEqual([
      404,
      `There is nothing at ${path}/Operations/${malformed}/Errors.`,
    ]);
  });
});

test.each(["Webhooks", "Preview", "Contents", "Bulk", "x"])(
  "what is not there, such as %s, is told from an id that is not there",
  async (name) => {
    expect((await problemsOf(`${path}/${name}`)).detail).toBe(`There is nothing at ${path}/${name}.`);
    const { status, detail } = await problemsOf(`${path}/comms_notification_${ULID}`);
    expect([status, detail]).toEqual([404, `There is no notification comms_notification_${ULID}.`]);
  },
);
