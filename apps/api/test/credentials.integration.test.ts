import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadCredential, replaceEnvironmentCredential } from "@fanfare/db";
import { parseId } from "@fanfare/domain";
import { readMasterKeys } from "@fanfare/runtime";
import { jsonForms, keyForms } from "@fanfare/testkit";
import { addCredentials, apnContent, aSend, fcmContent, keys, type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

const path = "/v1/PushNotifications/Credentials";
const create = (body: object) => api.call("POST", path, { body });
const pem = (type: "ec" | "rsa" | "ed25519", options = {}) =>
  (generateKeyPairSync as (type: string, options: object) => { privateKey: { export(options: object): Buffer } })(
    type,
    options,
  )
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

test("a credential makes its app; the first app is the default, and so is the first credential of each type", async () => {
  const as = await api.newAccount();
  const { fcm, apn } = await addCredentials(api, as, "airline");
  await addCredentials(api, as, "hotel");
  const { body } = await api.call("GET", "/v1/PushNotifications/Apps", { as });
  expect(body.apps.map(({ name, isDefault }: { name: string; isDefault: boolean }) => [name, isDefault])).toEqual([
    ["hotel", false],
    ["airline", true],
  ]);
  expect(body.apps[1].defaultCredentials).toEqual([
    { id: fcm, credentialType: "FCM" },
    { id: apn, credentialType: "APN" },
  ]);
  const second = await api.call("POST", path, {
    as,
    body: { credentialType: "FCM", appName: "airline", content: fcmContent() },
  });
  const fetched = await api.call("GET", `${path}/${second.body.resourceId}`, { as });
  expect(fetched.body).toEqual({
    id: second.body.resourceId,
    credentialType: "FCM",
    isDefault: false,
    appName: "airline",
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  });
  expect(second.headers.get("location")).toBe(second.body.resourceLocation);
});

test("making another one the default takes that from the first; deleting the default hands it on", async () => {
  const as = await api.newAccount();
  const { fcm: first } = await addCredentials(api, as);
  const { fcm: second } = await addCredentials(api, as);
  const isDefault = async (id: string) => (await api.call("GET", `${path}/${id}`, { as })).body.isDefault;
  expect([await isDefault(first), await isDefault(second)]).toEqual([true, false]);
  await api.call("PATCH", `${path}/${second}`, { as, body: { isDefault: true } });
  expect([await isDefault(first), await isDefault(second)]).toEqual([false, true]);
  expect((await api.call("DELETE", `${path}/${second}`, { as })).status).toBe(204);
  expect(await isDefault(first)).toBe(true);
  expect((await api.call("GET", `${path}/${second}`, { as })).status).toBe(404);
});

test.each([
  [
    "an FCM key that is no key",
    "FCM",
    fcmContent({ private_key: "-----BEGIN PRIVATE KEY-----\nx" }),
    "/content/private_key",
  ],
  ["an FCM key on a curve", "FCM", fcmContent({ private_key: keys.ecKey }), "/content/private_key"],
  ["a project that is another path", "FCM", fcmContent({ project_id: ".." }), "/content/project_id"],
  ["a project in other letters", "FCM", fcmContent({ project_id: "flüge" }), "/content/project_id"],
  ["a service account without its project", "FCM", fcmContent({ project_id: undefined }), "/content/project_id"],
  ["another type of Google account", "FCM", fcmContent({ type: "authorized_user" }), "/content/type"],
  ["an APNs key that is RSA", "APN", apnContent({ key: keys.rsaKey }), "/content/key"],
  ["an APNs key on another curve", "APN", apnContent({ key: pem("ec", { namedCurve: "secp384r1" }) }), "/content/key"],
  ["an APNs key of another kind", "APN_SANDBOX", apnContent({ key: pem("ed25519") }), "/content/key"],
  ["a key id of 9 characters", "APN", apnContent({ keyId: "ABCDEFGHI" }), "/content/keyId"],
  ["a team id in lower case", "APN", apnContent({ teamId: "klmnopqrst" }), "/content/teamId"],
  ["a bundle id with a line break", "APN", apnContent({ bundleId: "com.x\ny" }), "/content/bundleId"],
  ["an unknown field", "APN", apnContent({ sandbox: true }), "/content/sandbox"],
  ["more than 16 KB", "FCM", fcmContent({ extra: "x".repeat(17_000) }), "/content"],
  ["base64 of something else", "FCM", Buffer.from("hello").toString("base64"), "/content"],
])(
  "%s is refused, the field is named, its value is not shown, nothing is stored",
  async (_what, credentialType, content, pointer) => {
    const before = await api.db.credential.count();
    const answer = await create({ credentialType, appName: "refused", content });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((problem: { pointer: string }) => problem.pointer)).toContain(pointer);
    expect(JSON.stringify(answer.body)).not.toMatch(/BEGIN|aGVsbG8/);
    expect(await api.db.credential.count()).toBe(before);
    expect(await api.db.app.count({ where: { name: "refused" } })).toBe(0);
  },
);

test.each(["Airline", "air line", "", "x".repeat(65), "../x"])(
  "%j is refused as the name of an app",
  async (appName) => {
    const answer = await create({ credentialType: "FCM", appName, content: fcmContent() });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, "/appName"]);
  },
);

test("the content may be base64, is kept encrypted, and can be read with the master key alone", async () => {
  const content = Buffer.from(JSON.stringify(fcmContent())).toString("base64");
  const { body } = await create({ credentialType: "FCM", appName: "sealed", content });
  const id = parseId("credential", body.resourceId) as string;
  const rows = JSON.stringify(await api.db.$queryRaw`select credentials::text from credentials`);
  expect(rows).not.toContain("PRIVATE KEY");
  expect(rows).not.toContain("sender@airline");
  const loaded = await loadCredential(api.db, readMasterKeys({ FANFARE_DATA_DIR: api.dataDir }), id);
  expect(loaded).toMatchObject({
    type: "FCM",
    version: 1,
    content: { project_id: "airline", private_key: keys.rsaKey },
  });
  expect(loaded?.content).not.toHaveProperty("token_uri");
});

test("new content is a new version of the same credential", async () => {
  const { body } = await create({ credentialType: "APN", appName: "versions", content: apnContent() });
  const id = parseId("credential", body.resourceId) as string;
  const changed = await api.call("PATCH", `${path}/${body.resourceId}`, {
    body: { content: apnContent({ keyId: "0123456789" }) },
  });
  expect(changed.status).toBe(200);
  const loaded = await loadCredential(api.db, readMasterKeys({ FANFARE_DATA_DIR: api.dataDir }), id);
  expect(loaded).toMatchObject({ version: 2, content: { keyId: "0123456789" } });
  const refused = await api.call("PATCH", `${path}/${body.resourceId}`, { body: { content: fcmContent() } });
  expect(refused.status).toBe(400);
});

test("an account has at most ten apps, and an app ten credentials", async () => {
  const as = await api.newAccount();
  for (let count = 1; count <= 10; count++) {
    const body = { credentialType: "APN", appName: `app_${count}`, content: apnContent() };
    expect((await api.call("POST", path, { as, body })).status).toBe(201);
  }
  const eleventh = await api.call("POST", path, {
    as,
    body: { credentialType: "APN", appName: "app_11", content: apnContent() },
  });
  expect([eleventh.status, eleventh.body.code]).toEqual([422, "limit-reached"]);
  const body = { credentialType: "APN", appName: "app_1", content: apnContent() };
  const statuses = [];
  for (let count = 2; count <= 11; count++) statuses.push((await api.call("POST", path, { as, body })).status);
  expect(statuses).toEqual([...Array<number>(9).fill(201), 422]);
});

test("apps are changed by name: another default, and what is done about unknown outcomes", async () => {
  const as = await api.newAccount();
  await addCredentials(api, as, "one");
  await addCredentials(api, as, "two");
  const changed = await api.call("PATCH", "/v1/PushNotifications/Apps/two", {
    as,
    body: { isDefault: true, onUnknown: "fail" },
  });
  expect(changed.body).toMatchObject({ name: "two", isDefault: true, onUnknown: "fail" });
  const later = await api.call("PATCH", "/v1/PushNotifications/Apps/two", { as, body: { expectsReceipts: true } });
  expect([later.status, later.body.errors[0].pointer]).toEqual([400, "/expectsReceipts"]);
  expect((await api.call("GET", "/v1/PushNotifications/Apps/one", { as })).body.isDefault).toBe(false);
  expect((await api.call("PATCH", "/v1/PushNotifications/Apps/three", { as, body: { isDefault: true } })).status).toBe(
    404,
  );
  expect((await api.call("PATCH", "/v1/PushNotifications/Apps/two", { as, body: { isDefault: false } })).status).toBe(
    400,
  );
});

test.each([[null], [5], [["x"]]])("a content of %j is none, and it is said what it has to be", async (content) => {
  const body = { credentialType: "FCM", appName: "airline", content };
  const { status, body: problem } = await create(body);
  const errors = [{ pointer: "/content", code: "invalid-type", detail: "must be an object or a text" }];
  expect([status, problem.errors]).toEqual([400, errors]);
});

describe("whom a send goes out as", () => {
  test("the default app, a named one, or credentials by name; what does not exist is a 422 that names the field", async () => {
    const as = await api.newAccount();
    const send = (body: object) => api.call("POST", "/v1/PushNotifications", { as, body });
    expect([(await send(aSend())).status, (await send(aSend())).body.code]).toEqual([422, "unknown-app"]);
    const airline = await addCredentials(api, as, "airline");
    const hotel = await addCredentials(api, as, "hotel");
    for (const from of [undefined, { appName: "hotel" }, airline, hotel]) {
      expect((await send(aSend({ from }))).status).toBe(202);
    }
    const unknown = await send(aSend({ from: { appName: "bank" } }));
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([422, "/from/appName"]);
    expect(unknown.body.detail).toBe("There is no app bank; nothing was stored.");
    const swapped = await send(aSend({ from: { fcm: airline.apn } }));
    expect([swapped.status, swapped.body.errors[0].pointer]).toEqual([422, "/from/fcm"]);
    expect(swapped.body.detail).toMatch(/; nothing was stored\.$/);
    const mixed = await send(aSend({ from: { fcm: airline.fcm, apn: hotel.apn } }));
    expect(mixed.status).toBe(422);
    const oneOnly = await send(aSend({ from: { fcm: airline.fcm } }));
    expect([oneOnly.status, oneOnly.body.code, oneOnly.body.errors[0].pointer]).toEqual([
      422,
      "no-credential",
      "/to/1/provider",
    ]);
  });

  test("another account's credential is unknown", async () => {
    const mine = await api.newAccount();
    const theirs = await addCredentials(api, await api.newAccount());
    await addCredentials(api, mine);
    const answer = await api.call("POST", "/v1/PushNotifications", { as: mine, body: aSend({ from: theirs }) });
    expect([answer.status, answer.body.code]).toEqual([422, "unknown-credential"]);
  });
});

const providerKeys = {
  FCM_SERVICE_ACCOUNT: JSON.stringify(fcmContent()),
  APNS_KEY: keys.ecKey,
  APNS_KEY_ID: "ABCDEFGHIJ",
  APNS_TEAM_ID: "KLMNOPQRST",
  APNS_TOPIC: "com.example.settings",
};

test("provider keys of the settings become the default app at first start, and follow the settings", async () => {
  const settings = { ...providerKeys, APNS_ENVIRONMENT: "sandbox" };
  const first = await runApi(settings);
  const { body } = await first.call("GET", "/v1/PushNotifications/Apps");
  expect(body.apps).toMatchObject([
    {
      name: "default",
      isDefault: true,
      defaultCredentials: [{ credentialType: "FCM" }, { credentialType: "APN_SANDBOX" }],
    },
  ]);
  const env = { FANFARE_AUTH_TOKEN: first.account.password, FANFARE_DATA_DIR: first.dataDir };
  const versions = async () =>
    (await first.db.credential.findMany({ orderBy: { type: "asc" } })).map(({ version }) => version);
  await (await runApi({ ...settings, ...env }, first.databaseUrl)).close();
  expect(await versions()).toEqual([1, 1]);
  await (await runApi({ ...settings, ...env, APNS_TOPIC: "com.example.changed" }, first.databaseUrl)).close();
  expect(await versions()).toEqual([1, 2]);
  const refused = runApi({ ...settings, ...env, APNS_KEY_ID: "short" }, first.databaseUrl);
  await expect(refused).rejects.toMatchObject({
    issues: [{ path: ["APNS_KEY_ID"], message: "must be 10 capital letters or digits" }],
  });
  await first.close();
});

test("the same key in another form is no change; one that was stored in another form is replaced once", async () => {
  const first = await runApi(providerKeys);
  const env = { FANFARE_AUTH_TOKEN: first.account.password, FANFARE_DATA_DIR: first.dataDir };
  const start = async (changed: Record<string, string>) =>
    (await runApi({ ...providerKeys, ...env, ...changed }, first.databaseUrl)).close();
  const versions = async () =>
    (await first.db.credential.findMany({ orderBy: { type: "asc" } })).map(({ version }) => version);
  for (const [form, text] of keyForms(keys.ecKey)) {
    await start({ APNS_KEY: text });
    expect([form, await versions()]).toEqual([form, [1, 1]]);
  }
  for (const [form, text] of jsonForms(fcmContent())) {
    await start({ FCM_SERVICE_ACCOUNT: text });
    expect([form, await versions()]).toEqual([form, [1, 1]]);
  }

  const keyring = readMasterKeys({ FANFARE_DATA_DIR: first.dataDir });
  const mine = await first.db.credential.findFirstOrThrow({ where: { type: "APN" } });
  const asGiven = { ...apnContent({ key: keys.ecKey.replaceAll("\n", "\r\n") }), bundleId: "com.example.settings" };
  await replaceEnvironmentCredential(first.db, keyring, mine.id, asGiven as never);
  expect(await loadCredential(first.db, keyring, mine.id)).toMatchObject({ content: { key: asGiven.key } });
  for (const text of [asGiven.key, keys.ecKey, asGiven.key]) {
    await start({ APNS_KEY: text });
    expect(await versions()).toEqual([1, 3]);
  }
  expect(await loadCredential(first.db, keyring, mine.id)).toMatchObject({ content: { key: keys.ecKey } });
  await first.close();
});

test("a key is stored in its one form, whichever the API was given", async () => {
  const keyring = readMasterKeys({ FANFARE_DATA_DIR: api.dataDir });
  const as = await api.newAccount();
  const stored = async (body: object) => {
    const answer = await api.call("POST", path, { as, body: { appName: "forms", ...body } });
    expect(answer.status).toBe(201);
    const loaded = await loadCredential(api.db, keyring, parseId("credential", answer.body.resourceId) as string);
    await api.call("DELETE", `${path}/${answer.body.resourceId}`, { as });
    return loaded?.content;
  };
  for (const [, key] of keyForms(keys.ecKey)) {
    expect(await stored({ credentialType: "APN", content: apnContent({ key }) })).toEqual(apnContent());
  }
  const account = await stored({ credentialType: "FCM", content: fcmContent() });
  for (const [, text] of jsonForms(fcmContent())) {
    expect(await stored({ credentialType: "FCM", content: text })).toEqual(account);
  }
  for (const [, key] of keyForms(keys.rsaKey)) {
    expect(await stored({ credentialType: "FCM", content: fcmContent({ private_key: key }) })).toEqual(account);
  }
});

test("the path of a file in what a tenant gives is refused as a key that is none, and no file is read", async () => {
  const file = join(api.dataDir, "AuthKey_ABCDEFGHIJ.p8");
  writeFileSync(file, keys.ecKey);
  const account = join(api.dataDir, "account.json");
  writeFileSync(account, JSON.stringify(fcmContent()));
  const before = await api.db.credential.count();
  const bodies = [
    ...[file, `file://${file}`].map((key) => ({ credentialType: "APN", content: apnContent({ key }) })),
    ...[account, `file://${account}`].map((content) => ({ credentialType: "FCM", content })),
    { credentialType: "FCM", content: fcmContent({ private_key: file }) },
  ];
  for (const body of bodies) {
    const answer = await create({ appName: "refused", ...body });
    expect([answer.status, answer.body.errors.length]).toEqual([400, 1]);
    expect(JSON.stringify(answer.body)).not.toContain("AuthKey");
  }
  expect(await api.db.credential.count()).toBe(before);
});
