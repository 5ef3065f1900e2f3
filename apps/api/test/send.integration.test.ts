import { randomUUID } from "node:crypto";
import { accountUuid } from "@fanfare/domain";
import { patient, until } from "@fanfare/testkit";
import { addCredentials, aSend, type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
});
afterAll(() => api.close());

const path = "/v1/PushNotifications";
const send = (body: unknown, headers: Record<string, string> = {}) => api.call("POST", path, { body, headers });
const pointersOf = (answer: { body: { errors?: { pointer: string }[] } }) =>
  answer.body.errors?.map(({ pointer }) => pointer);

describe("Idempotency-Key", () => {
  const key = (name: string) => ({ "Idempotency-Key": name });

  test("the same key and body has the same answer, from any process, and is stored once", async () => {
    const other = await runApi(
      { FANFARE_AUTH_TOKEN: api.account.password, FANFARE_DATA_DIR: api.dataDir },
      api.databaseUrl,
    );
    const first = await send(aSend(), key("a"));
    const again = await other.call("POST", path, { as: api.account, body: aSend(), headers: key("a") });
    expect(again.status).toBe(202);
    expect(again.body.operationId).toBe(first.body.operationId);
    expect(again.headers.get("operationid")).toBe(first.body.operationId);
    await other.close();
  });

  test("another body with the same key is a 422", async () => {
    await send(aSend(), key("b"));
    const other = await send(aSend({ priority: "LOW" }), key("b"));
    expect([other.status, other.body.code]).toEqual([422, "idempotency-key-reused"]);
  });

  test("a key is the account's own", async () => {
    const as = await api.newAccount();
    await addCredentials(api, as);
    const mine = await send(aSend(), key("c"));
    const theirs = await api.call("POST", path, { as, body: aSend({ priority: "LOW" }), headers: key("c") });
    expect(theirs.status).toBe(202);
    expect(theirs.body.operationId).not.toBe(mine.body.operationId);
  });

  test("of requests with one key that come at once one is stored; the others have its answer or a 409", async () => {
    const to = Array.from({ length: 1_000 }, (_, index) => ({ provider: "FCM", token: `t${index}` }));
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(aSend({ to }), key("d"))));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(new Set(accepted.map(({ body }) => body.operationId)).size).toBe(1);
    for (const { status, body, headers } of answers) {
      if (status === 202) continue;
      expect([status, body.code]).toEqual([409, "idempotency-key-in-progress"]);
      expect(headers.get("retry-after")).not.toBeNull();
    }
    const stored = await api.db.idempotencyKey.count({ where: { key: "d" } });
    expect(stored).toBe(1);
    expect((await send(aSend({ to }), key("d"))).body.operationId).toBe(accepted[0]?.body.operationId);
  });

  test("while a request with its key is being stored it is a 409, and nothing is stored of it", async () => {
    const [accountId, operationId] = [accountUuid(api.account.user), randomUUID()];
    const sends = await api.db.$transaction(
      async (tx) => {
        // Of who stores the same and has not ended, one has to wait to be told whether it is stored.
        await tx.idempotencyKey.create({ data: { accountId, key: "i", fingerprint: Buffer.alloc(32), operationId } });
        const both = [send(aSend(), key("i")), send(aSend(), key("i"))];
        const refused = await Promise.race(both);
        expect([refused.status, refused.body.code]).toEqual([409, "idempotency-key-in-progress"]);
        expect(refused.headers.get("retry-after")).toBe("1");
        await tx.idempotencyKey.deleteMany({ where: { key: "i" } });
        return both;
      },
      { timeout: patient(10_000) },
    );
    const answers = await Promise.all(sends);
    const accepted = answers.find(({ status }) => status === 202);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    expect((await send(aSend(), key("i"))).body.operationId).toBe(accepted?.body.operationId);
  });

  test("a request that is refused does not use its key up", async () => {
    expect((await send({ ...aSend(), to: [] }, key("e"))).status).toBe(400);
    expect((await send(aSend(), key("e"))).status).toBe(202);
  });

  test("after 24 hours a key is free again", async () => {
    const first = await send(aSend(), key("f"));
    await api.db.$executeRaw`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'f'`;
    const later = await send(aSend({ priority: "LOW" }), key("f"));
    expect(later.status).toBe(202);
    expect(later.body.operationId).not.toBe(first.body.operationId);
  });

  test("a repeated request has its answer also when its time has come, or its app's credentials are gone", async () => {
    const as = await api.newAccount();
    const { fcm, apn } = await addCredentials(api, as);
    const sendAt = new Date(Date.now() + patient(1_000));
    const body = aSend({ schedule: { sendAt: sendAt.toISOString() } });
    const again = () => api.call("POST", path, { as, body, headers: key("g") });
    const first = await again();
    expect(first.status).toBe(202);
    await until(async () => Date.now() > sendAt.getTime());
    for (const id of [fcm, apn]) await api.call("DELETE", `${path}/Credentials/${id}`, { as });
    const later = await again();
    expect([later.status, later.body]).toEqual([202, first.body]);
    const other = await api.call("POST", path, { as, body, headers: key("h") });
    expect([other.status, pointersOf(other)]).toEqual([400, ["/schedule/sendAt"]]);
  });

  test.each(["x".repeat(256), "a b", "ü"])("%j is refused as a key", async (name) => {
    const answer = await send(aSend(), key(name));
    expect([answer.status, pointersOf(answer)]).toEqual([400, ["/Idempotency-Key"]]);
  });
});

describe("bad requests name each field, and store nothing", () => {
  test.each([
    ["a provider that is none", { to: [{ provider: "SMS", token: "t" }] }, ["/to/0/provider"]],
    ["no token", { to: [{ provider: "FCM" }] }, ["/to/0/token"]],
    ["nothing of a recipient", { to: [{}] }, ["/to/0/provider", "/to/0/token"]],
    ["a user id of another kind", { to: [{ userId: "comms_operation_01h2xcejqtf2nbrexx3vqjhp41" }] }, ["/to/0/userId"]],
    ["a user and a token", { to: [{ userId: "x", token: "t", provider: "FCM" }] }, ["/to/0/userId"]],
    ["an address without its provider", { to: [{ addresses: [{ token: "t" }] }] }, ["/to/0/addresses/0/provider"]],
    ["eleven addresses", { to: [{ addresses: Array(11).fill({ provider: "FCM", token: "t" }) }] }, ["/to/0/addresses"]],
    [
      "a policy that is none",
      { to: [{ addresses: [{ provider: "FCM", token: "t" }], policy: "best" }] },
      ["/to/0/policy"],
    ],
    [
      "variables of more than 4 KB",
      { to: [{ provider: "FCM", token: "t", variables: { x: "x".repeat(4_100) } }] },
      ["/to/0/variables"],
    ],
    ["a language that is none", { to: [{ provider: "FCM", token: "t", locale: "p" }] }, ["/to/0/locale"]],
    ["an unknown field", { colour: "red" }, ["/colour"]],
    ["a push type that is none", { pushType: "telegram" }, ["/pushType"]],
    ["two bad fields at once", { ttl: -1, badge: "1" }, ["/badge", "/ttl"]],
    ["a body that is no object", "[]", [""]],
    [
      "__proto__ as a variable",
      { to: [{ provider: "FCM", token: "t", variables: JSON.parse('{"__proto__":1}') }] },
      ["/to/0/variables/__proto__"],
    ],
    ["a time that is none", { schedule: { sendAt: "soon" } }, ["/schedule/sendAt"]],
    ["a time that has passed", { schedule: { sendAt: "2020-01-01T00:00:00Z" } }, ["/schedule/sendAt"]],
    ["a time in more than 30 days", { schedule: { sendAt: "2999-01-01T00:00:00Z" } }, ["/schedule/sendAt"]],
  ])("%s", async (_what, fields, pointers) => {
    const before = await api.db.operation.count();
    const answer = await send(typeof fields === "string" ? fields : aSend(fields));
    expect(answer.status).toBe(400);
    expect(pointersOf(answer)?.sort()).toEqual(pointers);
    expect(await api.db.operation.count()).toBe(before);
  });

  test("a template that can not be parsed is named with line and column", async () => {
    const answer = await send(aSend({ content: { title: "Hi {{ name", body: "one\n{% if %}" } }));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { pointer: "/content/title", code: "template-syntax", detail: expect.stringMatching(/^Line 1, column \d+: /) },
      { pointer: "/content/body", code: "template-syntax", detail: expect.stringMatching(/^Line 2, column \d+: /) },
    ]);
  });

  test("templates have no way to files", async () => {
    const answer = await send(aSend({ content: { title: "{% include '/etc/passwd' %}" } }));
    expect([answer.status, answer.body.errors[0].detail]).toEqual([
      400,
      expect.stringContaining("include is not available"),
    ]);
  });

  test("of 10,000 bad recipients the first 100 are named", async () => {
    const answer = await send(aSend({ to: Array(10_000).fill({ provider: "FCM", token: "" }) }));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toHaveLength(100);
    expect(answer.body.detail).toContain("first 100");
  });

  test("a user of another account is unknown", async () => {
    const as = await api.newAccount();
    await addCredentials(api, as);
    const body = { appName: "airline", devices: [{ provider: "FCM", token: "t" }] };
    const { userId } = (await api.call("POST", `${path}/DeviceRegistrations`, { as, body })).body;
    const answer = await send(aSend({ to: [{ provider: "FCM", token: "x" }, { userId }] }));
    expect([answer.status, answer.body.code, pointersOf(answer)]).toEqual([422, "unknown-user", ["/to/1/userId"]]);
  });

  test("a body over the limit, of another type, or no JSON at all", async () => {
    const small = await runApi({ BODY_LIMIT_BYTES: "2048" });
    expect((await small.call("POST", path, { body: aSend({ content: { title: "x".repeat(3_000) } }) })).status).toBe(
      413,
    );
    await small.close();
    expect((await send("x", { "content-type": "text/plain" })).status).toBe(415);
    expect((await send("{")).body.code).toBe("malformed-json");
    expect((await send(aSend(), { "content-encoding": "gzip" })).body.code).toBe("malformed-json");
    expect((await send(aSend(), { "content-encoding": "zip" })).status).toBe(415);
    expect((await send(aSend(), { "content-type": "application/json; charset=latin1" })).status).toBe(415);
  });
});

test("duplicates are counted in neither total nor recipients, and reported", async () => {
  const to = [
    { provider: "FCM", token: "same" },
    { provider: "FCM", token: "other" },
    { provider: "FCM", token: "same" },
    { provider: "APN", token: "same" },
    { provider: "FCM", token: "same" },
  ];
  const { operationId } = (await send(aSend({ to }))).body;
  const operation = (await api.call("GET", `${path}/Operations/${operationId}`)).body;
  expect(operation.stats).toMatchObject({ recipients: 3, total: 3 });
  const { errors } = (await api.call("GET", `${path}/Operations/${operationId}/Errors`)).body;
  expect(errors).toEqual([
    expect.objectContaining({ code: "DUPLICATE", count: 2, detail: expect.stringContaining("/to/2, /to/4") }),
  ]);
  expect(errors[0].sampleNotificationIds).toHaveLength(1);
});

test("a schedule shows: SCHEDULED with its time, all recipients scheduled", async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString();
  const { operationId } = (await send(aSend({ schedule: { sendAt } }))).body;
  const operation = (await api.call("GET", `${path}/Operations/${operationId}`)).body;
  expect(operation).toMatchObject({ status: "SCHEDULED", scheduledFor: sendAt, stats: { scheduled: 2, queued: 0 } });
  const { notifications } = (await api.call("GET", `${path}?operationId=${operationId}`)).body;
  expect(notifications.map(({ status }: { status: string }) => status)).toEqual(["SCHEDULED", "SCHEDULED"]);
  const canceled = await api.call("POST", `${path}/Operations/${operationId}/Cancel`);
  expect([canceled.status, canceled.body.status, canceled.body.stats.canceled]).toEqual([202, "CANCELED", 2]);
  const again = await api.call("POST", `${path}/Operations/${operationId}/Cancel`);
  expect([again.status, again.body.code]).toEqual([409, "already-finished"]);
  const listed = (await api.call("GET", `${path}?operationId=${operationId}`)).body.notifications;
  expect(listed.map(({ status }: { status: string }) => status)).toEqual(["CANCELED", "CANCELED"]);
});
