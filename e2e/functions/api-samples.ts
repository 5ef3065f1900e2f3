import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stack } from "./stack.js";

// Each sample of the HTTP API's description: the request as documented, the answer field for field.

const path = "/v1/PushNotifications";
const like = (pattern: RegExp) => expect.stringMatching(pattern) as unknown;
const id = (kind: string) => like(new RegExp(`^comms_${kind}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
const time = like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
const nothing = {
  ...{ scheduled: 0, queued: 0, sent: 0, delivered: 0, read: 0, undelivered: 0, failed: 0, canceled: 0 },
  unaddressable: 0,
};

let fcmContent: Record<string, string>;
beforeAll(async () => {
  fcmContent = JSON.parse(readFileSync(join(stack.dataDir, "simulator", "fcm-service-account.json"), "utf8"));
});

const get = async (rest: string) => (await stack.call("GET", `${path}${rest}`)).body;

/** A credential, a user with a device, and the documented send; what came of each. */
async function boarding(suffix: string) {
  const appName = `airline_${suffix}`;
  const credential = await stack.call("POST", `${path}/Credentials`, {
    credentialType: "FCM",
    appName,
    content: fcmContent,
  });
  const { apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = connection();
  const key = readFileSync(join(stack.dataDir, "simulator", "apns-key.p8"), "utf8");
  await stack.call("POST", `${path}/Credentials`, {
    ...{ credentialType: "APN", appName, isDefault: true },
    content: { key, keyId, teamId, bundleId },
  });
  const registration = await stack.call("POST", `${path}/DeviceRegistrations`, {
    appName,
    devices: [{ provider: "APN", token: `user-device-${suffix}` }],
  });
  const { userId } = registration.body;
  const sent = await stack.call("POST", path, {
    to: [
      { provider: "FCM", token: `dQvB-${suffix}`, variables: { name: "Ada" } },
      { provider: "APN", token: `9f86-${suffix}` },
      { userId, variables: {} },
    ],
    content: { title: "Boarding, {{ name | default: 'traveller' }}", body: "Gate A1 in one hour" },
    from: { appName },
    priority: "HIGH",
    sound: "ring",
    tags: { campaign: "boarding" },
  });
  await stack.completed(sent.body.operationId);
  return { appName, credential, registration, userId, sent, operationId: sent.body.operationId as string };
}

function connection(): Record<string, string> {
  return JSON.parse(readFileSync(join(stack.dataDir, "simulator", "simulator.json"), "utf8"));
}

test("Send: 202 with the operation's id and location, in the body and in the headers", async () => {
  const { sent, operationId } = await boarding("send");
  const operationLocation = `${stack.url}${path}/Operations/${operationId}`;
  expect(sent.status).toBe(202);
  expect(sent.body).toEqual({ operationId: id("operation"), operationLocation });
  expect(sent.headers.get("location")).toBe(operationLocation);
  expect(sent.headers.get("operationId")).toBe(operationId);
});

test("Operation: all twelve stats, and what is Fanfare's own", async () => {
  const { operationId } = await boarding("operation");
  const operation = {
    ...{ id: operationId, status: "COMPLETED", createdAt: time, updatedAt: time, completedAt: time },
    stats: { ...nothing, total: 3, recipients: 3, attempts: 3, sent: 3 },
    ...{ tags: { campaign: "boarding" }, scheduledFor: null },
  };
  expect(await get(`/Operations/${operationId}`)).toEqual(operation);
  const list = await get("/Operations?pageSize=1");
  expect(list).toEqual({
    operations: [operation],
    pagination: { next: expect.stringContaining("pageToken="), self: `${stack.url}${path}/Operations?pageSize=1` },
  });
  expect(await get(`/Operations/${operationId}/Errors`)).toEqual({
    errors: [],
    pagination: { next: null, self: `${stack.url}${path}/Operations/${operationId}/Errors` },
  });
});

test("Notification: in a list, and fetched alone with what the recipient got", async () => {
  const { operationId, userId, appName, credential } = await boarding("notification");
  const list = await get(`?operationId=${operationId}`);
  const ulid = operationId.slice("comms_operation_".length);
  const shared = {
    ...{ id: id("notification"), status: "SENT", createdAt: time, updatedAt: time, deletedAt: null },
    related: [{ name: "operation", id: operationId, uri: `/PushNotifications/Operations/${ulid}` }],
    tags: { campaign: "boarding" },
  };
  expect(list).toEqual({
    notifications: [
      { ...shared, to: [{ token: "dQvB-notification", provider: "FCM" }] },
      { ...shared, to: [{ token: "9f86-notification", provider: "APN" }] },
      { ...shared, to: [{ token: "user-device-notification", provider: "APN", userId }] },
    ],
    pagination: { next: null, self: `${stack.url}${path}?operationId=${operationId}` },
  });
  expect(await get(`/${list.notifications[0].id}`)).toEqual({
    ...list.notifications[0],
    from: { appName, fcm: credential.body.resourceId, apn: id("credential") },
    content: { title: "Boarding, Ada", body: "Gate A1 in one hour" },
    ...{ priority: "HIGH", sound: "ring", attempts: 1, lastError: null },
  });
});

test("Attempts: of a notification and of an operation", async () => {
  const { operationId } = await boarding("attempts");
  const [{ id: notificationId }] = (await get(`?operationId=${operationId}`)).notifications;
  const attempt = {
    ...{ id: like(/^comms_attempt_[0-9a-z]{26}_1$/), notificationId, provider: "FCM" },
    ...{ token: "dQvB-attempts", attemptNumber: 1, mayRepeat: false, outcome: "ACCEPTED", blame: null },
    ...{ httpStatus: 200, providerCode: null, detail: null, startedAt: time, latencyMs: expect.any(Number) as unknown },
    ...{ providerMessageId: like(/^projects\/fanfare-simulator\/messages\//), nextAttemptAt: null },
  };
  expect(await get(`/${notificationId}/Attempts`)).toEqual({
    attempts: [attempt],
    pagination: { next: null, self: `${stack.url}${path}/${notificationId}/Attempts` },
  });
  const all = await get(`/Operations/${operationId}/Attempts`);
  expect(all.attempts).toHaveLength(3);
  expect(all.attempts[0]).toEqual(attempt);
});

test("Errors: grouped by the provider's code, in plain words, with samples", async () => {
  const to = [1, 2].map((number) => ({ provider: "APN", token: `dead-errors-${number}` }));
  const { operationId } = await stack.api.send({ to: [...to, to[0]], content: { title: "x" } });
  await stack.completed(operationId);
  const { errors } = await get(`/Operations/${operationId}/Errors`);
  expect(errors).toEqual([
    {
      ...{ code: "Unregistered", provider: "APN", providerCode: "Unregistered", count: 2 },
      title: "The app was removed from the device",
      detail: like(/not tried any more/),
      sampleNotificationIds: [id("notification"), id("notification")],
    },
    {
      ...{ code: "DUPLICATE", provider: null, providerCode: null, count: 1 },
      // The notification of the recipient that was kept.
      sampleNotificationIds: [id("notification")],
      title: "Named twice",
      detail: like(/sent to once/),
    },
  ]);
});

test("Credentials and Apps: what was made, without its secrets", async () => {
  const { credential, appName } = await boarding("credential");
  const { resourceId } = credential.body;
  const resourceLocation = `${stack.url}${path}/Credentials/${resourceId}`;
  expect(credential.status).toBe(201);
  expect(credential.body).toEqual({ resourceId: id("credential"), resourceLocation });
  expect(credential.headers.get("location")).toBe(resourceLocation);
  const resource = {
    ...{ id: resourceId, credentialType: "FCM", isDefault: true, appName, createdAt: time, updatedAt: time },
  };
  expect(await get(`/Credentials/${resourceId}`)).toEqual(resource);
  expect((await get("/Credentials?pageSize=1000")).credentials).toContainEqual(resource);
  const patched = await stack.call("PATCH", `${path}/Credentials/${resourceId}`, { content: fcmContent });
  expect([patched.status, patched.body]).toEqual([200, resource]);
  const app = {
    ...{
      name: appName,
      isDefault: false,
      onUnknown: "resend",
      createdAt: time,
      updatedAt: time,
    },
    defaultCredentials: [
      { credentialType: "FCM", id: resourceId },
      { credentialType: "APN", id: id("credential") },
    ],
  };
  expect(await get(`/Apps/${appName}`)).toEqual(app);
  expect((await get("/Apps?pageSize=1000")).apps).toContainEqual(app);
  const removed = await stack.call("DELETE", `${path}/Credentials/${resourceId}`);
  expect([removed.status, removed.body]).toEqual([204, undefined]);
});

test("Device registrations and users", async () => {
  const { registration, userId, appName } = await boarding("device");
  const device = {
    ...{ id: id("device_registration"), userId, appName, provider: "APN", token: "user-device-device" },
    ...{ createdAt: time, updatedAt: time },
  };
  expect(registration.status).toBe(201);
  expect(registration.body).toEqual({ userId: id("pushnotificationuser"), deviceRegistrations: [device] });
  const [{ id: registrationId }] = registration.body.deviceRegistrations;
  expect(await get(`/DeviceRegistrations/${registrationId}`)).toEqual(device);
  expect(await get(`/DeviceRegistrations?userId=${userId}`)).toMatchObject({ deviceRegistrations: [device] });
  expect(await get(`/Users/${userId}`)).toEqual({ id: userId, createdAt: time, devices: 1 });
  expect((await get("/Users?pageSize=1000")).users.map((user: { id: string }) => user.id)).toContain(userId);
  expect((await stack.call("DELETE", `${path}/DeviceRegistrations/${registrationId}`)).status).toBe(204);
  expect((await stack.call("DELETE", `${path}/Users/${userId}`)).status).toBe(204);
  expect((await stack.call("GET", `${path}/Users/${userId}`)).status).toBe(404);
});

test("Invalid tokens: who died, when, of what", async () => {
  const { operationId } = await stack.api.send({
    to: [{ provider: "FCM", token: "dead-sample" }],
    content: { title: "x" },
  });
  await stack.completed(operationId);
  const feed = await get("/InvalidTokens?pageSize=1000");
  expect(feed.invalidTokens).toContainEqual({
    ...{ provider: "FCM", token: "dead-sample", appName: "default", credentialId: id("credential") },
    ...{ code: "UNREGISTERED", invalidatedAt: time, recordedAt: time },
  });
});

test("Errors of requests are problem details with code, request id and the fields", async () => {
  const answer = await stack.call("POST", path, {
    to: Array.from({ length: 18 }, (_, index) => ({ provider: "FCM", token: index === 17 ? "a b" : `t${index}` })),
    content: { title: "x" },
  });
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect([answer.status, answer.body]).toEqual([
    400,
    {
      ...{ type: "urn:fanfare:error:invalid-request", title: "The request is not valid", status: 400 },
      ...{ detail: "1 field is not valid; nothing was stored.", code: "invalid-request" },
      requestId: answer.headers.get("x-request-id"),
      errors: [{ pointer: "/to/17/token", code: "invalid-format", detail: "may contain only visible characters" }],
    },
  ]);
});

test("Accounts, keys and audit: what was made, with its secret this once, and by whom", async () => {
  const { accountId, adminPassword } = stack.credentials;
  const admin = `admin:${adminPassword}`;
  const account = { id: like(/^AC[0-9a-f]{32}$/), name: "acme", status: "ACTIVE", createdAt: time, updatedAt: time };
  const made = await stack.call("POST", "/v1/Accounts", { name: "acme" }, admin);
  const secret = like(/^[0-9a-f]{64}$/);
  const shown = { ...account, previousAuthTokenValidUntil: null };
  expect([made.status, made.body]).toEqual([201, { ...shown, authToken: secret }]);
  const at = `/v1/Accounts/${made.body.id}`;
  const own = `${made.body.id}:${made.body.authToken}`;
  expect((await stack.call("GET", at, undefined, own)).body).toEqual(shown);
  const rotated = await stack.call("POST", `${at}/AuthToken`, { previousValidSeconds: 60 }, own);
  expect([rotated.status, rotated.body]).toEqual([
    201,
    { ...account, previousAuthTokenValidUntil: time, authToken: secret },
  ]);
  const key = await stack.call("POST", `${at}/Keys`, { name: "ci", scopes: ["send", "read"] }, own);
  const resource = { id: like(/^SK[0-9a-f]{32}$/), name: "ci", scopes: ["send", "read"], createdAt: time };
  expect([key.status, key.body]).toEqual([201, { ...resource, revokedAt: null, secret }]);
  const ofKey = `${at}/Keys/${key.body.id}`;
  expect((await stack.call("DELETE", ofKey, undefined, own)).status).toBe(204);
  expect((await stack.call("GET", ofKey, undefined, own)).body).toEqual({ ...resource, revokedAt: time });
  const self = (rest: string) => ({ next: null, self: `${stack.url}${at}${rest}` });
  expect((await stack.call("GET", `${at}/Keys`, undefined, own)).body).toEqual({
    keys: [{ ...resource, revokedAt: time }],
    pagination: self("/Keys"),
  });
  const event = (actor: string, action: string, target: string) => ({
    ...{ id: id("event"), accountId: made.body.id, actor, action, target, createdAt: time },
    address: like(/^(127\.0\.0\.1|::1)$/),
  });
  expect((await stack.call("GET", `${at}/Audit`, undefined, own)).body).toEqual({
    auditEvents: [
      event(made.body.id, "api-key.revoked", key.body.id),
      event(made.body.id, "api-key.created", key.body.id),
      event(made.body.id, "account.token-rotated", made.body.id),
      event("admin", "account.created", made.body.id),
    ],
    pagination: self("/Audit"),
  });
  const foreign = await stack.call("GET", `/v1/Accounts/${accountId}`, undefined, own);
  expect([foreign.status, foreign.body.code]).toEqual([404, "not-found"]);
});
