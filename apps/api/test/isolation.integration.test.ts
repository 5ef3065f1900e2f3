import { pageTokenOf } from "../src/page-token.js";
import { ROUTES } from "../src/routes.js";
import { makeOneOfEach } from "./one-of-each.js";
import { aSend, type Credentials, ofAccount, type RunningApi, runApi } from "./support.js";

let api: RunningApi;
let mine: Credentials;
let theirs: Credentials;
let made: Awaited<ReturnType<typeof makeOneOfEach>>;

beforeAll(async () => {
  api = await runApi();
  [mine, theirs] = [await api.newAccount(), await api.newAccount()];
  await makeOneOfEach(api, mine);
  made = await makeOneOfEach(api, theirs);
});
afterAll(() => api.close());

const path = "/v1/PushNotifications";

const FOREIGN: [string, () => string, object?][] = [
  ["GET", () => `${path}/Operations/${made.operationId}`],
  ["POST", () => `${path}/Operations/${made.operationId}/Cancel`],
  ["GET", () => `${path}/Operations/${made.operationId}/Errors`],
  ["GET", () => `${path}/Operations/${made.operationId}/Attempts`],
  ["GET", () => `${path}/Operations/${made.operationId}/Events`],
  ["GET", () => `${path}?operationId=${made.operationId}`],
  ["GET", () => `${path}/${made.notificationId}`],
  ["GET", () => `${path}/${made.notificationId}/Attempts`],
  ["GET", () => `${path}/Apps/${made.app}`],
  ["PATCH", () => `${path}/Apps/${made.app}`, { isDefault: true }],
  ["GET", () => `${path}/Credentials/${made.credentialId}`],
  ["PATCH", () => `${path}/Credentials/${made.credentialId}`, { isDefault: true }],
  ["DELETE", () => `${path}/Credentials/${made.credentialId}`],
  ["POST", () => `${path}/Credentials/${made.credentialId}/Verify`],
  ["GET", () => `${path}/Users/${made.userId}`],
  ["DELETE", () => `${path}/Users/${made.userId}`],
  ["GET", () => `${path}/DeviceRegistrations/${made.registrationId}`],
  ["DELETE", () => `${path}/DeviceRegistrations/${made.registrationId}`],
  ["GET", () => `/v1/Accounts/${theirs.user}`],
  ["POST", () => `/v1/Accounts/${theirs.user}/AuthToken`, {}],
  ["POST", () => ofAccount(theirs, "/Keys"), { name: "k", scopes: ["send"] }],
  ["GET", () => ofAccount(theirs, "/Keys")],
  ["GET", () => ofAccount(theirs, `/Keys/${made.apiKeyId}`)],
  ["DELETE", () => ofAccount(theirs, `/Keys/${made.apiKeyId}`)],
  ["GET", () => ofAccount(mine, `/Keys/${made.apiKeyId}`)],
  ["DELETE", () => ofAccount(mine, `/Keys/${made.apiKeyId}`)],
  ["GET", () => ofAccount(theirs, "/Audit")],
];

test("every route that names a resource is tried on another account's, but those of the operator's", () => {
  const tried = FOREIGN.map(([method, url]) => `${method} ${url().split("?")[0]}`);
  const routes = ROUTES.filter(({ path: route, access }) => route.includes(":") && access !== "operator");
  const untried = routes.filter(({ method, path: route }) => {
    const pattern = new RegExp(`^${method.toUpperCase()} ${route.replaceAll(/:\w+/g, "[^/]+")}$`);
    return !tried.some((request) => pattern.test(request));
  });
  expect(untried.map(({ operationId }) => operationId)).toEqual([]);
});

test.each(FOREIGN)(
  "%s of another account's resource is a 404, as if there were none: %s",
  // Not three parameters: for a row of two, jest would give a callback as the third and wait for it.
  async (...[method, url, body]) => {
    const answer = await api.call(method, url(), { as: mine, body });
    expect([url(), answer.status, answer.body.code]).toEqual([url(), 404, "not-found"]);
    expect(JSON.stringify(answer.body)).not.toContain("device-of");
  },
);

test.each([
  ["operations", `${path}/Operations`],
  ["operations", () => `${path}/Operations?tag.owner=${theirs.user}`],
  ["notifications", path],
  ["notifications", () => `${path}?token=device-of-${theirs.user}`],
  ["notifications", () => `${path}?userId=${made.userId}`],
  ["notifications", () => `${path}?tag.owner=${theirs.user}`],
  ["apps", `${path}/Apps`],
  ["credentials", `${path}/Credentials`],
  ["users", `${path}/Users`],
  ["deviceRegistrations", `${path}/DeviceRegistrations`],
  ["deviceRegistrations", () => `${path}/DeviceRegistrations?userId=${made.userId}`],
  ["deviceRegistrations", () => `${path}/DeviceRegistrations?appName=${made.app}`],
  ["invalidTokens", `${path}/InvalidTokens`],
  ["accounts", "/v1/Accounts"],
  ["keys", () => ofAccount(mine, "/Keys")],
  ["auditEvents", () => ofAccount(mine, "/Audit")],
] as [string, string | (() => string)][])("a list of %s shows the account's own only: %s", async (name, url) => {
  const address = typeof url === "string" ? url : url();
  const answer = await api.call("GET", address, { as: mine });
  expect(answer.status).toBe(200);
  const shown = JSON.stringify(answer.body[name]);
  const foreign = [theirs.user, ...Object.values(made)];
  expect(foreign.filter((id) => shown.includes(id))).toEqual([]);
  expect(shown).not.toContain(`device-of-${theirs.user}`);
  if (!address.includes("?")) expect(answer.body[name].length).toBeGreaterThan(0);
});

test("the operator's routes on accounts are refused to an account, also its own", async () => {
  for (const user of [mine.user, theirs.user]) {
    const answer = await api.call("PATCH", `/v1/Accounts/${user}`, { as: mine, body: { name: "x" } });
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
  }
});

test.each([
  ["a user", () => ({ to: [{ userId: made.userId }] }), "/to/0/userId"],
  ["an app", () => ({ from: { appName: made.app } }), "/from/appName"],
  ["a credential", () => ({ from: { fcm: made.credentialId } }), "/from/fcm"],
] as [string, () => object, string][])(
  "a send can not name %s of another account's",
  async (_what, fields, pointer) => {
    const answer = await api.call("POST", path, { as: mine, body: aSend(fields()) });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  },
);

test("devices can not be registered for a user or an app of another account's", async () => {
  const devices = [{ provider: "FCM", token: "x" }];
  const own = `app_${mine.user.slice(-6)}`;
  for (const fields of [{ appName: made.app }, { appName: own, userId: made.userId }]) {
    const answer = await api.call("POST", `${path}/DeviceRegistrations`, { as: mine, body: { devices, ...fields } });
    expect(answer.status).toBe(422);
  }
});

test("a page token of another account's list shows nothing of it", async () => {
  const { body } = await api.call("GET", ofAccount(theirs, "/Audit"), { as: theirs });
  const cursor = { before: "ffffffff-ffff-ffff-ffff-ffffffffffff" };
  for (const list of [`${path}/Operations`, `${path}/Users`, ofAccount(mine, "/Keys"), ofAccount(mine, "/Audit")]) {
    const pageToken = pageTokenOf({ originalUrl: list }, cursor);
    const answer = await api.call("GET", `${list}?pageToken=${pageToken}`, { as: mine });
    expect(answer.status).toBe(200);
    const shown = JSON.stringify(answer.body);
    expect([...Object.values(made), theirs.user, body.auditEvents[0].id].filter((id) => shown.includes(id))).toEqual(
      [],
    );
  }
});

test("nothing of what was tried changed anything of theirs", async () => {
  const status = async (url: string) => (await api.call("GET", url, { as: theirs })).status;
  for (const url of [
    `${path}/Operations/${made.operationId}`,
    `${path}/Credentials/${made.credentialId}`,
    `${path}/Users/${made.userId}`,
    `${path}/DeviceRegistrations/${made.registrationId}`,
  ]) {
    expect([url, await status(url)]).toEqual([url, 200]);
  }
  const { body } = await api.call("GET", ofAccount(theirs, `/Keys/${made.apiKeyId}`), { as: theirs });
  expect(body.revokedAt).toBeNull();
});
