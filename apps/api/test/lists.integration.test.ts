import { parseId } from "@fanfare/domain";
import { pageTokenOf } from "../src/page-token.js";
import { addCredentials, aSend, ofAccount, type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
});
afterAll(() => api.close());

const path = "/v1/PushNotifications";
const get = async (query: string) => {
  const answer = await api.call("GET", `${path}${query}`);
  expect(answer.status).toBe(200);
  return answer.body;
};
const send = async (fields: object = {}): Promise<string> =>
  (await api.call("POST", path, { body: aSend(fields) })).body.operationId;

/** Follows `next` to the end. */
async function all(query: string, name: string): Promise<{ id: string }[]> {
  const entries: { id: string }[] = [];
  for (let url: string | null = `${api.url}${path}${query}`; url; ) {
    const { pathname, search } = new URL(url);
    const { body } = await api.call("GET", `${pathname}${search}`);
    entries.push(...body[name]);
    url = body.pagination.next;
  }
  return entries;
}

test("operations are listed newest first, in pages that inserts do not move", async () => {
  const ids = [];
  for (let count = 0; count < 7; count++) ids.push(await send());
  const first = await get("/Operations?pageSize=3");
  expect(first.operations.map(({ id }: { id: string }) => id)).toEqual(ids.slice(-3).reverse());
  await send();
  const { pathname, search } = new URL(first.pagination.next);
  const second = (await api.call("GET", `${pathname}${search}`)).body;
  expect(second.operations.map(({ id }: { id: string }) => id)).toEqual(ids.slice(-6, -3).reverse());
  expect(second.operations[0].stats).toMatchObject({ total: 2, recipients: 2 });
});

test("operations are found by status, tags and time", async () => {
  const before = new Date().toISOString();
  const tagged = await send({ tags: { campaign: "boarding", gate: "A1" } });
  const other = await send({ tags: { campaign: "boarding", gate: "B2" } });
  const scheduled = await send({ schedule: { sendAt: new Date(Date.now() + 3_600_000).toISOString() } });
  const idsOf = async (query: string) => (await all(`/Operations?${query}`, "operations")).map(({ id }) => id);
  expect(await idsOf("tag.campaign=boarding&tag.gate=A1")).toEqual([tagged]);
  expect(await idsOf("tag.campaign=boarding")).toEqual([other, tagged]);
  expect(await idsOf("status=SCHEDULED")).toEqual([scheduled]);
  expect(await idsOf(`createdAfter=${before}`)).toEqual([scheduled, other, tagged]);
  expect(await idsOf(`createdAfter=${before}&createdBefore=${before}`)).toEqual([]);
  expect(await idsOf(`tag.gate=A1&createdBefore=${before}`)).toEqual([]);
});

test("an operation is created at the time that the lists find it by", async () => {
  const operationId = await send();
  const { createdAt } = await get(`/Operations/${operationId}`);
  const idsOf = async (query: string) => (await all(`/Operations?${query}`, "operations")).map(({ id }) => id);
  expect(await idsOf(`createdAfter=${createdAt}`)).toContain(operationId);
  expect(await idsOf(`createdBefore=${createdAt}`)).not.toContain(operationId);
});

test("a page of a user's or a token's notifications may end within an operation", async () => {
  // A user's device that the request also names by its token is two notifications.
  const device = { provider: "FCM", token: "of-two" };
  const body = { appName: "airline", devices: [device] };
  const { userId } = (await api.call("POST", `${path}/DeviceRegistrations`, { body })).body;
  const operationId = await send({ to: [device, { userId }] });
  await api.db.$executeRaw`
    insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token)
    select ${parseId("operation", operationId)}::uuid, i, 'FCM', 'SENT', 1, now(), 'of-two' from generate_series(1, 2) i`;
  const found = await all("?token=of-two&pageSize=1", "notifications");
  expect(found.map(({ id }) => id.slice(-4))).toEqual(["0001", "0002"]);
});

test("notifications are found by operation, status, provider, token, tags and time, and in every combination with the operation", async () => {
  const before = new Date().toISOString();
  const to = Array.from({ length: 2_500 }, (_, index) => ({
    provider: index % 2 ? "FCM" : "APN",
    token: `list-${index}`,
  }));
  const operationId = await send({ to, tags: { list: "long" } });
  const count = async (query: string) => (await all(`?${query}`, "notifications")).length;
  expect(await count(`operationId=${operationId}&pageSize=1000`)).toBe(2_500);
  expect(await count(`operationId=${operationId}&provider=APN&pageSize=900`)).toBe(1_250);
  expect(await count(`operationId=${operationId}&status=SENT`)).toBe(0);
  expect(await count(`operationId=${operationId}&status=QUEUED&provider=FCM&pageSize=1000`)).toBe(1_250);
  expect(await count(`operationId=${operationId}&token=list-1777`)).toBe(1);
  expect(await count("tag.list=long&pageSize=1000")).toBe(2_500);
  expect(await count(`operationId=${operationId}&tag.list=long&createdAfter=${before}&pageSize=1000`)).toBe(2_500);
  for (const other of [
    "tag.list=short",
    "tag.none=x",
    `createdBefore=${before}`,
    "createdAfter=2999-01-01T00:00:00Z",
  ]) {
    expect([other, await count(`operationId=${operationId}&${other}`)]).toEqual([other, 0]);
  }
  expect(await count(`createdAfter=${before}&provider=FCM&pageSize=1000`)).toBe(1_250);
  const pages = await all(`?operationId=${operationId}&pageSize=700`, "notifications");
  expect(new Set(pages.map(({ id }) => id)).size).toBe(2_500);
  expect([...pages].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(pages);
});

test("a bare ULID and upper case are accepted as ids, and the reference's spelling of a notification's", async () => {
  const operationId = await send();
  const ulid = operationId.split("_").at(-1) as string;
  for (const spelling of [operationId, ulid, ulid.toUpperCase(), operationId.toUpperCase()]) {
    expect((await get(`/Operations/${spelling}`)).id).toBe(operationId);
  }
  const [{ id }] = (await get(`?operationId=${operationId}`)).notifications;
  const notification = id.split("_").at(-1) as string;
  for (const spelling of [id, `comms_pushnotification_${notification}`, notification]) {
    expect((await get(`/${spelling}`)).id).toBe(id);
  }
});

test("a single fetch says what it was sent with and what the recipient gets", async () => {
  const operationId = await send({ priority: "LOW", sound: "ring" });
  const [{ id }] = (await get(`?operationId=${operationId}`)).notifications;
  expect(await get(`/${id}`)).toEqual({
    id,
    to: [{ provider: "FCM", token: "fcm-1" }],
    status: "QUEUED",
    related: [
      { name: "operation", id: operationId, uri: `/PushNotifications/Operations/${operationId.split("_").at(-1)}` },
    ],
    tags: {},
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    deletedAt: null,
    from: {
      appName: "airline",
      fcm: expect.stringMatching(/^comms_credential_/),
      apn: expect.stringMatching(/^comms_credential_/),
    },
    content: { title: "Boarding", body: "Gate A1 in one hour" },
    priority: "LOW",
    sound: "ring",
    attempts: 0,
    lastError: null,
  });
});

test.each([
  ["/Operations?pageSize=0", "/pageSize"],
  ["/Operations?pageSize=1001", "/pageSize"],
  ["/Operations?pageSize=1e2", "/pageSize"],
  ["/Operations?pageToken=nonsense", "/pageToken"],
  ["/Operations?status=DONE", "/status"],
  ["/Operations?createdAfter=yesterday", "/createdAfter"],
  ["/Operations?colour=red", "/colour"],
  ["/Operations?status=COMPLETED&status=CANCELED", "/status"],
  ["?operationId=x", "/operationId"],
  ["?userId=x", "/userId"],
  ["?token=", "/token"],
  ["/InvalidTokens?since=now", "/since"],
  ["?tag.__proto__=x", "/tag.__proto__"],
  ["?tags=x&tag.a=b", "/tags"],
  ["?createdAfter=2026-02-30T00:00:00Z", "/createdAfter"],
])("%s is a 400 that names %s", async (query, pointer) => {
  const answer = await api.call("GET", `${path}${query}`);
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
});

test.each([
  ["GET", "/Operations/x"],
  ["GET", "/Operations/comms_operation_01h2xcejqtf2nbrexx3vqjhp41"],
  ["GET", "/Operations/comms_notification_01h2xcejqtf2nbrexx00000000"],
  ["GET", "/Operations/8zzzzzzzzzzzzzzzzzzzzzzzzz"],
  ["GET", "/comms_notification_01h2xcejqtf2nbrexx3vqjhp41"],
  ["GET", "/comms_notification_01h2xcejqtf2nbrexx3vqjhp41/Attempts"],
  ["GET", "/Users/comms_pushnotificationuser_01h2xcejqtf2nbrexx3vqjhp41"],
  ["DELETE", "/DeviceRegistrations/comms_device_registration_01h2xcejqtf2nbrexx3vqjhp41"],
  ["GET", "/Apps/unknown"],
  ["GET", "/Apps/NOT-A-NAME"],
  ["POST", "/Operations/comms_operation_01h2xcejqtf2nbrexx3vqjhp41/Cancel"],
])("%s %s is a 404", async (method, query) => {
  const answer = await api.call(method, `${path}${query}`);
  expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
});

test.each([
  "/InvalidTokens?since=0000-01-01T00:00:00Z",
  "/InvalidTokens?since=9999-12-31T23:59:59-23:59",
  "?token=x&createdAfter=0000-01-01T00:00:00Z&createdBefore=9999-12-31T23:59:59-23:59",
  "/Operations?createdAfter=0000-01-01T00:00:00%2B23:59&createdBefore=9999-12-31T23:59:59-23:59",
])("times at the ends of what can be written are taken: %s", async (query) => {
  await get(query);
});

test("a page token that somebody made up is no worse than a wrong one", async () => {
  const id = "01a20fdc-ef66-1ec2-c5ce-59c50d691f03";
  for (const [list, cursor] of [
    ["/InvalidTokens", { recordedAt: "0000-01-01T00:00:00Z", id }],
    ["/Operations", { before: id }],
    ["", { operationId: id, ordinal: 1 }],
  ] as const) {
    await get(`${list}?pageToken=${pageTokenOf({ originalUrl: `${path}${list}` }, cursor)}`);
  }
});

const NOT_OF_THIS_LIST = { pointer: "/pageToken", code: "invalid-value", detail: "is not a page token of this list" };

test("a page token is of one list, with one set of filters", async () => {
  const [one, other] = [await send(), await send()];
  const tokenOf = async (query: string) =>
    new URL((await get(query)).pagination.next).searchParams.get("pageToken") as string;
  const ofOperations = await tokenOf("/Operations?pageSize=1");
  const ofOne = await tokenOf(`?pageSize=1&operationId=${one}`);
  const refused = async (target: string, as = api.account) => {
    const { status, body } = await api.call("GET", target, { as });
    expect([target, status, body.errors]).toEqual([target, 400, [NOT_OF_THIS_LIST]]);
  };
  for (const list of ["Users", "Apps", "Credentials", "DeviceRegistrations", "InvalidTokens"])
    await refused(`${path}/${list}?pageToken=${ofOperations}`);
  for (const list of ["/Keys", "/Audit"]) await refused(`${ofAccount(api.account, list)}?pageToken=${ofOperations}`);
  for (const list of ["/v1/Accounts", "/v1/Audit"]) await refused(`${list}?pageToken=${ofOperations}`, api.operator);
  await refused(`${path}/Operations?status=PROCESSING&pageToken=${ofOperations}`);
  await refused(`${path}?operationId=${other}&pageToken=${ofOne}`);
  await refused(`${path}?pageToken=${ofOne}`);
  await get(`/Operations?pageToken=${ofOperations}&pageSize=2`);
  await get(`?pageToken=${ofOne}&operationId=${one}`);
});
