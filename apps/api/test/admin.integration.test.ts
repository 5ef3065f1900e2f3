import { until } from "@fanfare/testkit";
import { basic, type Credentials, type RunningApi, runApi } from "./support.js";

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

const PATHS = ["/admin", "/admin/", "/admin/nothing", "/admin/queues", "/admin/queues/", "/admin/queues/api/queues"];
const A_BROWSER = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

async function ask(path: string, as?: Credentials, headers: Record<string, string> = {}, method = "GET") {
  const authorization: Record<string, string> = as ? { authorization: basic(as) } : {};
  const init = { method, headers: { ...authorization, ...headers }, redirect: "manual" as const };
  const res = await fetch(`${api.url}${path}`, init);
  return { status: res.status, headers: res.headers, type: res.headers.get("content-type"), text: await res.text() };
}

test.each(PATHS)("%s is the operator's, under one realm that is not the API's", async (path) => {
  for (const as of [undefined, api.account, { user: "admin", password: "wrong" }]) {
    const { status, headers } = await ask(path, as);
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe('Basic realm="Fanfare operator", charset="UTF-8"');
  }
  const elsewhere = await ask("/v1/Accounts");
  expect(elsewhere.headers.get("www-authenticate")).toBe('Basic realm="Fanfare", charset="UTF-8"');
});

test("/admin is the way to the queues, also where a proxy has a prefix", async () => {
  for (const [path, home] of [
    ["/admin", "/admin/queues"],
    ["/admin/", "/admin/queues"],
  ] as const) {
    const { status, headers } = await ask(path, api.operator);
    expect(status).toBe(302);
    const { pathname } = new URL(headers.get("location") ?? "", `https://proxy.example/fanfare${path}`);
    expect(pathname).toBe(`/fanfare${home}`);
  }
});

test.each(["/admin/nothing", "/admin/queues/nothing", "/admin/queues/static/nothing.js", "/admin/queues/queue/a/b/c"])(
  "%s is not found: a page for a browser, a problem for a program",
  async (path) => {
    const page = await ask(path, api.operator, A_BROWSER);
    expect([page.status, page.type]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.text).toContain('<a href="/admin/queues">To the queues</a>');
    expect(page.text).toContain(`request ${page.headers.get("x-request-id")}`);
    expect(page.text).not.toContain("nothing");
    const program = await ask(path, api.operator, { accept: "*/*" });
    expect([program.status, program.type]).toEqual([404, "application/problem+json; charset=utf-8"]);
    expect(JSON.parse(program.text)).toMatchObject({ code: "not-found", detail: `There is nothing at ${path}.` });
  },
);

test.each(["/admin", "/admin/queues"])("what can not be done with %s is a 405 that says what can", async (path) => {
  const { status, headers } = await ask(path, api.operator, {}, "DELETE");
  expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
});

test("what Bull Board's page asks for in vain is told in a form that it shows", async () => {
  const missing = await ask("/admin/queues/api/nothing", api.operator, A_BROWSER);
  expect([missing.status, missing.type]).toEqual([404, "application/problem+json; charset=utf-8"]);
  const title = "Not found";
  expect(JSON.parse(missing.text)).toMatchObject({ code: "not-found", title, error: title });

  const broken = await fetch(`${api.url}/admin/queues/api/queues/fanout/add`, {
    method: "POST",
    headers: { authorization: basic(api.operator), "content-type": "application/json" },
    body: "{",
  });
  expect([broken.status, JSON.parse(await broken.text()).code]).toEqual([400, "malformed-json"]);
});

test("a login that was canceled or failed leaves a page that says what to log in with", async () => {
  const { status, type, text } = await ask("/admin/queues", undefined, A_BROWSER);
  expect([status, type]).toEqual([401, "text/html; charset=utf-8"]);
  expect(text).toContain("FANFARE_ADMIN_PASSWORD");
});

test.each([
  [{ "sec-fetch-site": "cross-site" }, 403],
  [{ "sec-fetch-site": "same-site" }, 403],
  [{ origin: "https://evil.example" }, 403],
  [{ origin: "null" }, 403],
  [{ "sec-fetch-site": "same-origin" }, 200],
  [{}, 200],
])(
  "what a page of another site asks for with the operator's password is not done: %j is a %i",
  async (headers, status) => {
    const given = Object.fromEntries(Object.entries(headers));
    const paused = await ask("/admin/queues/api/queues/fanout/pause", api.operator, given, "PUT");
    expect(paused.status).toBe(status);
    const { queues } = JSON.parse((await ask("/admin/queues/api/queues", api.operator, given)).text);
    const fanout = queues.find(({ name }: { name: string }) => name === "fanout");
    expect(fanout.isPaused).toBe(status === 200);
    if (status === 200) await ask("/admin/queues/api/queues/fanout/resume", api.operator, {}, "PUT");
  },
);

test("a page from the board's own origin, as it is called, may do what it does, and that is in the log", async () => {
  const path = "/admin/queues/api/queues/fanout/resume";
  const { status, headers } = await ask(path, api.operator, { origin: api.url }, "PUT");
  expect(status).toBe(200);
  const requestId = headers.get("x-request-id");
  const line = await until(() => api.log.find((text) => text.includes(String(requestId))));
  expect(JSON.parse(line)).toMatchObject({ level: 30, method: "PUT", path, actor: "admin", address: "127.0.0.1" });
});

test("behind a path of PUBLIC_URL the board's files and links are under it", async () => {
  const behind = await runApi({ PUBLIC_URL: "https://push.example/fanfare/" });
  try {
    const headers = { authorization: basic(behind.operator), ...A_BROWSER };
    const board = await (await fetch(`${behind.url}/admin/queues`, { headers })).text();
    expect(board).toContain('<base href="/fanfare/admin/queues/" />');
    const missing = await (await fetch(`${behind.url}/admin/nothing`, { headers })).text();
    expect(missing).toContain('href="/fanfare/admin/queues"');
  } finally {
    await behind.close();
  }
});
