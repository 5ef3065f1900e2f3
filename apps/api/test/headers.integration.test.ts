import { ROUTES } from "../src/routes.js";
import { addCredentials, aSend, basic, type Credentials, ofAccount, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";
const ULID = "01h2xcejqtf2nbrexx3vqjhp41";
let api: RunningApi;
let reader: Credentials;
beforeAll(async () => {
  api = await runApi({ BODY_LIMIT_BYTES: "4096", LOGIN_FAILURES_PER_MINUTE: "1000" });
  await addCredentials(api);
  const { body } = await api.call("POST", ofAccount(api.account, "/Keys"), {
    body: { name: "reader", scopes: ["read"] },
  });
  reader = { user: body.id, password: body.secret };
});
afterAll(() => api.close());

async function ask(
  method: string,
  target: string,
  { as = api.account, body, type = "application/json" }: { as?: Credentials; body?: string; type?: string } = {},
) {
  const headers = { authorization: basic(as), ...(body !== undefined && { "content-type": type }) };
  const res = await fetch(`${api.url}${target}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: res.status, headers: res.headers, text: await res.text() };
}

const API_POLICY = "default-src 'none';frame-ancestors 'none'";

function expectSafe({ headers }: { headers: Headers }): void {
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  for (const absent of ["x-powered-by", "etag", "strict-transport-security", "server"])
    expect([absent, headers.get(absent)]).toEqual([absent, null]);
}

function expectUnkept(answer: { headers: Headers }): void {
  expectSafe(answer);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("content-security-policy")).toBe(API_POLICY);
}

test.each(ROUTES)("$method $path: no answer of it is kept, sniffed or framed, whatever its status", async (route) => {
  const method = route.method.toUpperCase();
  const target = route.path.replaceAll(/:\w+/g, ULID);
  const as = route.access.includes("operator") ? api.operator : api.account;
  const answers = [
    await ask(method, target, { as, ...(route.body && { body: "{}" }) }),
    await ask(method, `${target}?nonsense=1`, { as }),
    await ask(method, target, { as: { user: "nobody", password: "x" } }),
    await ask("PUT", target, { as }),
    await ask("OPTIONS", target, { as }),
    ...(route.access === "read" ? [] : [await ask(method, target, { as: reader })]),
    ...(route.body
      ? [await ask(method, target, { as, body: "{" }), await ask(method, target, { as, body: "x", type: "text/plain" })]
      : []),
    ...(route.body ? [await ask(method, target, { as, body: JSON.stringify("x".repeat(5_000)) })] : []),
  ];
  for (const answer of answers) expectUnkept(answer);
  const statuses = answers.map(({ status }) => status);
  const expected = [400, 401, 405, 204, ...(route.access === "read" ? [] : [403]), ...(route.body ? [413, 415] : [])];
  expect(statuses).toEqual(expect.arrayContaining(expected));
});

test("what is accepted, and what is not there, is kept by nobody either", async () => {
  const accepted = await ask("POST", path, { body: JSON.stringify(aSend({ to: [{ provider: "APN", token: "x" }] })) });
  const missing = await ask("GET", "/nothing");
  expect([accepted.status, missing.status]).toEqual([202, 404]);
  for (const answer of [accepted, missing]) expectUnkept(answer);
  for (const target of ["/healthz", "/readyz", "/openapi.json"]) expectUnkept(await ask("GET", target));
});

describe.each([
  { name: "the viewer of the API", page: "/docs", asOperator: false },
  { name: "Bull Board", page: "/admin/queues", asOperator: true },
])("$name", ({ page, asOperator }) => {
  const as = () => (asOperator ? api.operator : api.account);

  test("refers to nothing on other servers, and has all that it refers to", async () => {
    const { status, headers, text } = await ask("GET", page, { as: as() });
    expect(status).toBe(200);
    expectSafe({ headers });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'self';style-src 'self' 'unsafe-inline';/);
    expect(policy).toContain("frame-ancestors 'none'");
    const base = new URL(/<base href="([^"]+)"/.exec(text)?.[1] ?? page, api.url);
    const references = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => new URL(url ?? "", base));
    const own = references.filter(({ origin }) => origin === new URL(api.url).origin);
    expect(references.filter((url) => !own.includes(url)).map(({ origin }) => origin)).toEqual([]);
    expect(own.length).toBeGreaterThan(3);
    for (const { pathname } of own.filter(({ pathname }) => /\.\w+$/.test(pathname))) {
      const file = await ask("GET", pathname, { as: as() });
      expect([pathname, file.status]).toEqual([pathname, 200]);
      expect(file.headers.get("x-content-type-options")).toBe("nosniff");
      expect(file.headers.get("content-type")).toMatch(/^(text\/(css|javascript)|application\/javascript|image\/)/);
    }
    // Scripts that stand in a page are not run: there is none, but for data.
    const inline = [...text.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map(([, attributes]) => attributes);
    expect(inline.filter((attributes) => !attributes?.includes('type="application/json"'))).toEqual([]);
    expect(text).not.toMatch(/\son\w+=/);
  });
});

test("what Bull Board asks for is kept by nobody", async () => {
  const answer = await ask("GET", "/admin/queues/api/queues?page=1&jobsPerPage=1", { as: api.operator });
  expect(answer.status).toBe(200);
  expectSafe(answer);
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("with a slash at its end the reference is sent for without it, also where a proxy has a prefix", async () => {
  const headers = { authorization: basic(api.account) };
  const res = await fetch(`${api.url}/docs/`, { headers, redirect: "manual" });
  expect([res.status, res.headers.get("location")]).toEqual([308, "../docs"]);
  expectSafe(res);
  const { pathname } = new URL("../docs", "https://proxy.example/fanfare/docs/");
  expect(pathname).toBe("/fanfare/docs");
  const page = await (await fetch(`${api.url}/docs/`, { headers })).text();
  const files = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file as string);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files)
    expect([file, (await fetch(new URL(file, `${api.url}/docs`), { headers })).status]).toEqual([file, 200]);
});
