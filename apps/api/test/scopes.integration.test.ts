import { ROUTES } from "../src/routes.js";
import { type Credentials, ofAccount, type RunningApi, runApi } from "./support.js";

// Who may use each route, said here once more: a route that is added or opened by mistake is seen.
const ALLOWED: Record<string, ("send" | "read" | "admin" | "operator")[]> = {
  "post /v1/PushNotifications": ["send"],
  "get /v1/PushNotifications": ["read"],
  "get /v1/PushNotifications/:notificationId": ["read"],
  "get /v1/PushNotifications/:notificationId/Attempts": ["read"],
  "get /v1/PushNotifications/Operations": ["read"],
  "get /v1/PushNotifications/Operations/:operationId": ["read"],
  "get /v1/PushNotifications/Operations/:operationId/Errors": ["read"],
  "get /v1/PushNotifications/Operations/:operationId/Attempts": ["read"],
  "get /v1/PushNotifications/Operations/:operationId/Events": ["read"],
  "post /v1/PushNotifications/Operations/:operationId/Cancel": ["send"],
  "get /v1/PushNotifications/Apps": ["read"],
  "get /v1/PushNotifications/Apps/:appName": ["read"],
  "patch /v1/PushNotifications/Apps/:appName": ["admin"],
  "post /v1/PushNotifications/Credentials": ["admin"],
  "get /v1/PushNotifications/Credentials": ["read"],
  "get /v1/PushNotifications/Credentials/:credentialId": ["read"],
  "patch /v1/PushNotifications/Credentials/:credentialId": ["admin"],
  "delete /v1/PushNotifications/Credentials/:credentialId": ["admin"],
  "post /v1/PushNotifications/Credentials/:credentialId/Verify": ["admin"],
  "post /v1/PushNotifications/DeviceRegistrations": ["send"],
  "get /v1/PushNotifications/DeviceRegistrations": ["read"],
  "get /v1/PushNotifications/DeviceRegistrations/:registrationId": ["read"],
  "delete /v1/PushNotifications/DeviceRegistrations/:registrationId": ["send"],
  "get /v1/PushNotifications/Users": ["read"],
  "get /v1/PushNotifications/Users/:userId": ["read"],
  "delete /v1/PushNotifications/Users/:userId": ["send"],
  "get /v1/PushNotifications/InvalidTokens": ["read"],
  "post /v1/Accounts": ["operator"],
  "get /v1/Accounts": ["admin", "operator"],
  "get /v1/Accounts/:accountId": ["admin", "operator"],
  "patch /v1/Accounts/:accountId": ["operator"],
  "post /v1/Accounts/:accountId/AuthToken": ["admin", "operator"],
  "post /v1/Accounts/:accountId/Keys": ["admin", "operator"],
  "get /v1/Accounts/:accountId/Keys": ["admin", "operator"],
  "get /v1/Accounts/:accountId/Keys/:keyId": ["admin", "operator"],
  "delete /v1/Accounts/:accountId/Keys/:keyId": ["admin", "operator"],
  "get /v1/Accounts/:accountId/Audit": ["admin", "operator"],
  "get /v1/Audit": ["operator"],
};

const CALLERS = ["send", "read", "admin", "operator"] as const;

let api: RunningApi;
const callers = {} as Record<(typeof CALLERS)[number], Credentials>;

beforeAll(async () => {
  api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "1000" });
  for (const scope of ["send", "read", "admin"] as const) {
    const { body } = await api.call("POST", ofAccount(api.account, "/Keys"), {
      body: { name: scope, scopes: [scope] },
    });
    callers[scope] = { user: body.id, password: body.secret };
  }
  callers.operator = api.operator;
});
afterAll(() => api.close());

test("every route is in this table, and the table has no other", () => {
  expect(ROUTES.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(ALLOWED).sort());
});

test.each(Object.entries(ALLOWED))("%s is for %j and nobody else, and nobody without credentials", async (...row) => {
  const [route, allowed] = row;
  const [method = "", path = ""] = route.split(" ");
  // Nothing else has this id: who may use the route is told so, or that its body is not valid.
  const url = path.replace(":accountId", api.account.user).replaceAll(/:\w+/g, "none");
  const body = method === "post" || method === "patch" ? { nothing: true } : undefined;
  const ask = (as: Credentials) => api.call(method.toUpperCase(), url, { as, body });
  for (const caller of CALLERS) {
    const { status } = await ask(callers[caller]);
    const isRefused = status === 403;
    expect([caller, isRefused]).toEqual([caller, !allowed.includes(caller)]);
    // What takes no more than an account is answered with what it is.
    const isWhole = method === "get" && !url.includes("none");
    if (!isRefused) expect(isWhole ? [200] : [400, 404]).toContain(status);
  }
  const wrong = await ask({ user: api.account.user, password: "wrong" });
  expect([wrong.status, wrong.headers.get("www-authenticate")?.split(" ")[0]]).toEqual([401, "Basic"]);
});
