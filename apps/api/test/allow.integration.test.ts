import { ROUTES } from "../src/routes.js";
import { addCredentials, answerTo, aSend, basic, type RunningApi, readAnswer, runApi } from "./support.js";

const root = "/v1/PushNotifications";
const ULID = "01h2xcejqtf2nbrexx3vqjhp41";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
const PARAMETERS: Record<string, string> = {
  appName: "airline",
  accountId: `AC${"0".repeat(31)}1`,
  apiKeyId: `SK${"0".repeat(32)}`,
};

let api: RunningApi;
let operationId: string;
beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
  const schedule = { sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  operationId = (await api.call("POST", root, { body: aSend({ schedule }) })).body.operationId;
});
afterAll(() => api.close());

/** Each path that there is, with its methods. */
const PATHS: { path: string; methods: string[]; isOperators: boolean }[] = [
  ...[...new Set(ROUTES.map(({ path }) => path))].map((path) => {
    const routes = ROUTES.filter((route) => route.path === path);
    const target = path.replaceAll(/:(\w+)/g, (_all, name: string) => PARAMETERS[name] ?? ULID);
    const isOperators = routes.some(({ access }) => access.includes("operator"));
    return { path: target, methods: routes.map(({ method }) => method.toUpperCase()), isOperators };
  }),
  ...["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/start.js"].map((path) => ({
    path,
    methods: ["GET"],
    isOperators: false,
  })),
];

const ask = async (method: string, target: string, isOperators: boolean) => {
  const as = isOperators ? api.operator : api.account;
  return readAnswer(
    await answerTo(api, `${method} ${target} HTTP/1.1`, "Host: localhost", `Authorization: ${basic(as)}`),
  );
};
const sorted = (text: string | null) => text?.split(", ").sort();

test.each(PATHS)(
  "$path says which methods it has, and to others that they are not among them",
  async ({ path, methods, isOperators }) => {
    const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
    for (const method of METHODS.filter((each) => each === "OPTIONS" || !allowed.includes(each))) {
      const { status, headers } = await ask(method, path, isOperators);
      expect([method, status, sorted(headers.get("allow"))]).toEqual([
        method,
        method === "OPTIONS" ? 204 : 405,
        allowed,
      ]);
    }
  },
);

test.each(PATHS.filter(({ methods }) => methods.includes("GET")))(
  "HEAD of $path is answered as GET is, without the body",
  async ({ path, isOperators }) => {
    const [head, get] = [await ask("HEAD", path, isOperators), await ask("GET", path, isOperators)];
    expect([head.status, head.body]).toEqual([get.status, ""]);
    expect(get.body).not.toBe("");
    for (const name of ["content-type", "content-length", "cache-control"])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
  },
);

test("HEAD of a stream without an end has one, and says what GET says", async () => {
  const target = `${root}/Operations/${operationId}/Events`;
  const { status, headers, body } = await ask("HEAD", target, false);
  expect([status, body]).toEqual([200, ""]);
  const stream = new AbortController();
  const get = await fetch(`${api.url}${target}`, {
    headers: { authorization: basic(api.account) },
    signal: stream.signal,
  });
  for (const name of ["content-type", "cache-control"])
    expect([name, headers.get(name)]).toEqual([name, get.headers.get(name)]);
  expect(headers.get("cache-control")).toContain("no-store");
  stream.abort();
});

test.each([
  ["DELETE", `${root}/Operations`, "GET, HEAD, OPTIONS"],
  ["POST", `${root}/Users`, "GET, HEAD, OPTIONS"],
  ["DELETE", `${root}/InvalidTokens`, "GET, HEAD, OPTIONS"],
  ["GET", `${root}/Operations/${ULID}/Cancel`, "POST, OPTIONS"],
  ["PUT", root, "POST, GET, HEAD, OPTIONS"],
])("%s %s is a 405, with %s", async (method, path, allowed) => {
  const { status, headers } = await ask(method, path, false);
  expect([status, sorted(headers.get("allow"))]).toEqual([405, sorted(allowed)]);
});

test("where there is nothing no method is allowed", async () => {
  for (const method of METHODS) {
    const { status, headers } = await ask(method, "/v1/Nothing", false);
    expect([method, status, headers.get("allow")]).toEqual([method, 404, null]);
  }
});
