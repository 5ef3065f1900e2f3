import { piecesIn } from "@fanfare/testkit";
import { addCredentials, aSend, fcmContent, keys, type RunningApi, runApi } from "./support.js";

let api: RunningApi;
beforeAll(async () => {
  api = await runApi({ LOG_LEVEL: "trace" });
  await addCredentials(api);
});
afterAll(() => api.close());

interface Line {
  level: number;
  msg: string;
  [field: string]: unknown;
}

const [DEBUG, INFO, ERROR] = [20, 30, 50];
const lines = ({ log } = api) => log.map((line) => JSON.parse(line) as Line);
const linesOf = ({ headers }: { headers: Headers }, of = api) =>
  lines(of).filter(({ requestId }) => requestId === headers.get("x-request-id"));

const path = "/v1/PushNotifications";
const aSendFromApp = (fields: object = {}) => aSend({ from: { appName: "airline" }, ...fields });

test("an accepted request has one line: who, which operation, how many recipients, how long", async () => {
  const answer = await api.call("POST", path, { body: aSendFromApp() });
  expect(answer.status).toBe(202);
  const [line, ...others] = linesOf(answer).filter(({ level }) => level >= INFO);
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    ...{ level: INFO, msg: "A send is accepted", method: "POST", path, account: api.account.user },
    ...{ operation: answer.body.operationId, recipients: 2, ms: expect.any(Number) },
  });
});

test("with its key again it has a line that says so", async () => {
  const headers = { "idempotency-key": "log-1" };
  const first = await api.call("POST", path, { body: aSendFromApp(), headers });
  const again = await api.call("POST", path, { body: aSendFromApp(), headers });
  const operation = first.body.operationId;
  expect(linesOf(again).find(({ level }) => level === INFO)).toMatchObject({ operation, recipients: 2 });
  expect(linesOf(again).map(({ msg }) => msg)).toContain("A send is answered again: it was accepted before");
});

test("what is changed by whom, and a cancel, have a line each", async () => {
  const made = await api.call("POST", "/v1/Accounts", { as: api.operator, body: { name: "airline" } });
  expect(linesOf(made).find(({ level }) => level === INFO)).toMatchObject({
    ...{ msg: "A change is audited", action: "account.created", target: made.body.id, account: made.body.id },
    ...{ actor: "admin", address: "127.0.0.1", path: "/v1/Accounts" },
  });
  const scheduled = aSendFromApp({ schedule: { sendAt: new Date(Date.now() + 3_600_000).toISOString() } });
  const { operationId } = (await api.call("POST", path, { body: scheduled })).body;
  const canceled = await api.call("POST", `${path}/Operations/${operationId}/Cancel`);
  expect(canceled.status).toBe(202);
  expect(linesOf(canceled).map(({ msg }) => msg)).toContain("A cancel is accepted");
  const completed = linesOf(canceled).filter(({ msg }) => msg === "An operation is completed");
  expect(completed).toMatchObject([
    { level: INFO, operation: operationId, status: "CANCELED", total: 2, canceled: 2, account: api.account.user },
  ]);
});

test("what the operator changes in Bull Board has a line with who and where", async () => {
  const queues = "/admin/queues/api/queues";
  const [{ name }] = (await api.call("GET", queues, { as: api.operator })).body.queues;
  for (const what of ["pause", "resume"]) {
    const target = `${queues}/${name}/${what}`;
    const changed = await api.call("PUT", target, { as: api.operator });
    expect(changed.status).toBe(200);
    const line = { msg: "The operator changed something in Bull Board", method: "PUT", path: target, status: 200 };
    expect(linesOf(changed).filter(({ level }) => level === INFO)).toMatchObject([
      { ...line, actor: "admin", address: "127.0.0.1" },
    ]);
  }
});

test.each([
  ["POST", path, { to: [] }, 400],
  ["GET", "/nothing?token=hush-secret", undefined, 404],
  ["POST", "/healthz", undefined, 405],
])(
  "a request that is refused (%s %s) is a detail, with method, path and status",
  async (method, target, body, status) => {
    const refused = await api.call(method, target, { body });
    expect(refused.status).toBe(status);
    const told = linesOf(refused).map(({ level, method, path, status }) => ({ level, method, path, status }));
    const line = { level: DEBUG, method, path: target.replace(/\?.*/, ""), status };
    // What it was refused for, and that it was answered.
    expect(told).toEqual([line, line]);
  },
);

const TOKEN = "hush-device-token-0123456789";
const TITLE = "hush: the merger is signed tonight";

describe.each([
  ["recipient_batches", path, aSendFromApp({ to: [{ provider: "FCM", token: TOKEN }], content: { title: TITLE } })],
  ["operations", path, aSendFromApp({ content: { title: TITLE, data: { secret: TITLE } }, tags: { hush: "a-b" } })],
  [
    "device_registrations",
    `${path}/DeviceRegistrations`,
    { appName: "airline", devices: [{ provider: "FCM", token: TOKEN }] },
  ],
  ["credentials", `${path}/Credentials`, { credentialType: "FCM", appName: "airline", content: fcmContent() }],
])("when a row of %s can not be stored", (table, target, body) => {
  let own: RunningApi;
  beforeAll(async () => {
    // An error that repeats is only counted.
    own = await runApi({ LOG_LEVEL: "trace" });
    await addCredentials(own);
    await own.db.$executeRawUnsafe(`alter table ${table} add constraint no_more check (${table} is null) not valid`);
  });
  afterAll(() => own.close());

  test("the error says where, and nothing of the row", async () => {
    const answer = await own.call("POST", target, { body });
    expect([answer.status, answer.body]).toEqual([500, expect.anything()]);
    const [line, ...others] = linesOf(answer, own).filter(({ level }) => level > DEBUG);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: ERROR, msg: "Internal error", method: "POST", path: target, status: 500 });
    expect(JSON.stringify(line?.err)).toContain("no_more");
    const text = own.log.join("\n");
    for (const secret of [TOKEN, TITLE, keys.rsaKey]) expect(piecesIn(text, secret)).toEqual([]);
  });
});

test("of a login that fails no line has the secret, nor a name that is none", async () => {
  for (const user of [api.account.user, "hush-password-as-user"])
    expect((await api.call("GET", path, { as: { user, password: "hush-wrong-password" } })).status).toBe(401);
});

test("nothing of all that has a token, content, key or password in it", () => {
  const text = api.log.join("\n");
  expect(text.length).toBeGreaterThan(1_000);
  const secrets = [TOKEN, TITLE, keys.rsaKey, keys.ecKey, api.account.password, api.operator.password];
  for (const secret of secrets) expect(piecesIn(text, secret)).toEqual([]);
  expect(text).not.toMatch(/hush-(secret|wrong|password)|Gate A1/);
});
