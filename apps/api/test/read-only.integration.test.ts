import { createTestDatabase, type TestDatabase, until } from "@fanfare/testkit";
import { ROUTES } from "../src/routes.js";
import { makeOneOfEach } from "./one-of-each.js";
import { apnContent, aSend, ofAccount, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";

let database: TestDatabase;
let api: RunningApi;
let made: Awaited<ReturnType<typeof makeOneOfEach>>;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await runApi({}, database.url);
  made = await makeOneOfEach(api);
  await database.setReadOnly(true);
  await database.endSessions();
  // From then on no connection of before is left, of which a 503 would say nothing.
  await until(async () => {
    await api.call("POST", path, { body: aSend() });
    return api.log.some((line) => line.includes("25006"));
  });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const device = { appName: "airline", devices: [{ provider: "FCM", token: "another" }] };
const credential = () => ({ credentialType: "APN", appName: made.app, content: apnContent() });

const CHANGES: [string, () => string, unknown?][] = [
  ["POST", () => path, aSend()],
  ["POST", () => `${path}/Operations/${made.operationId}/Cancel`],
  ["PATCH", () => `${path}/Apps/${made.app}`, { isDefault: true }],
  ["POST", () => `${path}/Credentials`, credential],
  ["PATCH", () => `${path}/Credentials/${made.credentialId}`, { isDefault: true }],
  ["POST", () => `${path}/Credentials/${made.credentialId}/Verify`],
  ["DELETE", () => `${path}/Credentials/${made.credentialId}`],
  ["POST", () => `${path}/DeviceRegistrations`, () => ({ ...device, appName: made.app })],
  ["DELETE", () => `${path}/DeviceRegistrations/${made.registrationId}`],
  ["DELETE", () => `${path}/Users/${made.userId}`],
  ["POST", () => "/v1/Accounts", { name: "another" }],
  ["PATCH", () => `/v1/Accounts/${api.account.user}`, { name: "another" }],
  ["POST", () => `/v1/Accounts/${api.account.user}/AuthToken`, {}],
  ["POST", () => ofAccount(api.account, "/Keys"), { name: "k", scopes: ["read"] }],
  ["DELETE", () => ofAccount(api.account, `/Keys/${made.apiKeyId}`)],
];

test("every route that changes something is tried", () => {
  const tried = CHANGES.map(([method, url]) => `${method} ${url()}`);
  const untried = ROUTES.filter(({ method, path: route }) => {
    const pattern = new RegExp(`^${method.toUpperCase()} ${route.replaceAll(/:\w+/g, "[^/]+")}$`);
    return method !== "get" && !tried.some((request) => pattern.test(request));
  });
  expect(untried.map(({ operationId }) => operationId)).toEqual([]);
});

test.each(CHANGES)(
  "%s is refused with 503 and Retry-After where Postgres is read-only: %s",
  // Not three parameters: for a row of two, jest would give a callback as the third and wait for it.
  async (...[method, url, body]) => {
    const as = url().startsWith("/v1/Accounts") ? api.operator : api.account;
    const answer = await api.call(method, url(), { as, body: typeof body === "function" ? body() : body });
    expect([answer.status, answer.body.code]).toEqual([503, "unavailable"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  },
);

test("what reads is answered, and what changes something is again once Postgres is not read-only any more", async () => {
  expect((await api.call("GET", `${path}/Operations/${made.operationId}`)).status).toBe(200);
  await database.setReadOnly(false);
  await database.endSessions();
  expect((await api.call("POST", path, { body: aSend() })).status).toBe(202);
});
