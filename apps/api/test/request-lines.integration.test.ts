import { ROUTES } from "../src/routes.js";
import { addCredentials, answerTo, aSend, basic, type RunningApi, readAnswer, runApi } from "./support.js";

const path = "/v1/PushNotifications";
let api: RunningApi;
beforeAll(async () => {
  api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "100000" });
  await addCredentials(api);
  for (const _ of [1, 2]) await api.call("POST", path, { body: aSend() });
});
afterAll(() => api.close());

const ask = async (target: string, { method = "GET", as = api.account, host = "push.example:81" } = {}) =>
  readAnswer(await answerTo(api, `${method} ${target} HTTP/1.1`, `Host: ${host}`, `Authorization: ${basic(as)}`));

/** Every path of the table with something in the place of its parameters, and after its end. */
const pathsWith = (text: string) => [
  ...new Set(ROUTES.flatMap((route) => [route.path.replaceAll(/:\w+/g, text), `${route.path}/${text}`])),
  ...[`/${text}`, `/docs/${text}`, `/docs${text}`, `/openapi.json${text}`, `/openapi.json/${text}`, `/v1${text}`],
];

describe.each(["%zz", "%ff", "%", "%c0%80", "%ed%a0%80", "%u0041"])("a path with %s in it", (text) => {
  test.each(["GET", "POST", "PATCH", "DELETE", "HEAD"])(
    "is a 404 to whoever may ask, and a 401 to others (%s)",
    async (method) => {
      for (const target of pathsWith(text).filter((each) => each.includes(text))) {
        const { status } = await ask(target, { method });
        expect(`${target} ${status}`).toBe(`${target} 404`);
      }
      expect((await ask(`${path}/Operations/${text}`, { method, as: { user: "nobody", password: "x" } })).status).toBe(
        401,
      );
    },
  );

  test("is the client's fault at Bull Board too", async () => {
    for (const target of [
      `/admin/queues/${text}`,
      `/admin/queues/queue/${text}`,
      `/admin/queues/api/queues/${text}/1`,
    ]) {
      const { status } = await ask(target, { as: api.operator });
      expect(`${target} ${status}`).toMatch(/ 40[04]$/);
    }
  });
});

test.each([
  "http://elsewhere.example",
  "https://elsewhere.example:99",
  "HTTP://u:p@elsewhere.example",
  "ftp://elsewhere.example",
  "x://h:1",
  "http://",
])("of a request line with a whole URL (%s) path and query count", async (origin) => {
  const { status, body } = await ask(`${origin}${path}/Operations?pageSize=1`);
  expect(status).toBe(200);
  const { self, next } = JSON.parse(body).pagination;
  expect(self).toBe(`http://push.example:81${path}/Operations?pageSize=1`);
  expect(next).toMatch(/^http:\/\/push\.example:81\/v1\/PushNotifications\/Operations\?pageSize=1&pageToken=[\w-]+$/);
});

test.each([`/${path}?pageSize=1`, `//elsewhere.example${path}`, "*", "http://elsewhere.example", `${path}#x`])(
  "%s names nothing",
  async (target) => {
    expect((await ask(target)).status).toBe(404);
  },
);

test("the next page of a list is found at `next`, whatever its query has", async () => {
  const query = "pageSize=1&createdAfter=2020-01-01T00%3A00%3A00%2B01:00&status=COMPLETED";
  const all = `pageSize=1&createdAfter=2020-01-01T00%3A00%3A00%2B01:00`;
  expect((await api.call("GET", `${path}/Operations?${query}`)).status).toBe(200);
  const first = await api.call("GET", `${path}/Operations?${all}`);
  const { pathname, search } = new URL(first.body.pagination.next);
  const second = await api.call("GET", `${pathname}${search}`);
  expect(second.body.operations).toHaveLength(1);
  expect(second.body.operations[0].id).not.toBe(first.body.operations[0].id);
});
