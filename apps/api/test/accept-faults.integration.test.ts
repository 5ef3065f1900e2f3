import { connect } from "node:net";
import { connectDb, type Db } from "@fanfare/db";
import { createTestDatabase, patient, startTcpProxy, type TcpProxy, type TestDatabase, until } from "@fanfare/testkit";
import pg from "pg";
import { addCredentials, aSend, basic, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";

/** What a send may take at most that the database does not answer, in milliseconds: a few of the time limits below. */
const BOUND_MS = patient(6_000);

/** How long the database may take for anything; who is to get through within it needs a fraction. */
const LIMIT_MS = String(patient(1_000));

let database: TestDatabase;
let db: Db;
let proxy: TcpProxy;
let api: RunningApi;
let locker: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectDb(database.url);
  proxy = await startTcpProxy();
  api = await runApi(
    {
      DATABASE_URL: proxy.before(database.url),
      DATABASE_POOL_SIZE: "3",
      STATEMENT_TIMEOUT_MS: LIMIT_MS,
      CONNECTION_WAIT_MS: LIMIT_MS,
      SEND_WAIT_MS: LIMIT_MS,
    },
    database.url,
  );
  await addCredentials(api);
  locker = new pg.Client({ connectionString: database.url });
  await locker.connect();
});
afterEach(async () => {
  proxy.set({ kind: "pass" });
  await locker.query("rollback");
  // Connections that a fault broke are thrown away at their next use.
  await until(async () => (await api.call("GET", `${path}/Operations`)).status === 200);
});
afterAll(async () => {
  await locker?.end();
  await api?.close();
  proxy?.end();
  await db?.$disconnect();
  await database?.drop();
});

const send = (headers: Record<string, string> = {}) => api.call("POST", path, { body: aSend(), headers });
const count = () => db.operation.count();

/** Has statements that store operations wait, and reads go on. */
const holdStores = () => locker.query("begin; lock table operations in share mode");
const storesThatWait = async () => {
  const { rows } = await locker.query<{ pid: number }>(
    "select pid from pg_locks where not granted and relation = 'operations'::regclass",
  );
  return rows;
};
const storeThatWaits = () => until(async () => (await storesThatWait())[0]);

async function timed<Answer>(run: () => Promise<Answer>): Promise<{ answer: Answer; tookMs: number }> {
  const beganAt = performance.now();
  const answer = await run();
  return { answer, tookMs: performance.now() - beganAt };
}

async function expectRefusedInTime(request: () => ReturnType<typeof send>, code = "unavailable") {
  const before = await count();
  const { answer, tookMs } = await timed(request);
  expect([answer.status, answer.body.code]).toEqual([503, code]);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(BOUND_MS);
  return { answer, before };
}

test("a database that is away: 503 with Retry-After in time, nothing is stored, and it goes on when it is back", async () => {
  proxy.set({ kind: "cut" });
  const { answer, before } = await expectRefusedInTime(send);
  expect(answer.body.detail).toContain("nothing was stored");
  proxy.set({ kind: "pass" });
  expect(await count()).toBe(before);
  expect((await until(async () => (await send()).status === 202)) && (await count())).toBe(before + 1);
});

test("a database that is halted: 503 in time, and nothing of it is stored when it goes on", async () => {
  proxy.set({ kind: "stall" });
  const { before } = await expectRefusedInTime(send);
  proxy.set({ kind: "pass" });
  await until(async () => (await send()).status === 202);
  expect(await count()).toBe(before + 1);
});

describe("with its time limits as they are by default", () => {
  let patientless: RunningApi;
  beforeAll(async () => {
    const url = new URL(database.url);
    url.port = String(proxy.port);
    patientless = await runApi({ DATABASE_URL: url.href }, database.url);
    await addCredentials(patientless);
  });
  afterAll(() => patientless?.close());

  test("a database that is halted with requests under way, more than there are connections: each has its 503 within six seconds", async () => {
    const call = (method: string, route: string, body?: object) =>
      timed(() => patientless.call(method, `${path}${route}`, body && { body }));
    const device = { appName: "airline", devices: [{ provider: "FCM", token: "t" }] };
    const ask = () => [
      ...Array.from({ length: 12 }, () => call("POST", "", aSend())),
      ...Array.from({ length: 4 }, () => call("POST", "/DeviceRegistrations", device)),
      ...["/Operations", "/Apps", "/Credentials", "/Users"].map((route) => call("GET", route)),
    ];
    // Whoever asks is known by then, and connections are open.
    for (const { answer } of await Promise.all(ask())) expect(answer.status).toBeLessThan(300);
    const before = await count();
    proxy.set({ kind: "stall" });
    const asked = await Promise.all(ask());
    proxy.set({ kind: "pass" });
    expect(asked.map(({ answer }) => answer.status)).toEqual(asked.map(() => 503));
    const slowest = Math.max(...asked.map(({ tookMs }) => tookMs));
    expect(slowest).toBeLessThan(6_000 + patient(250));
    for (const { answer } of asked) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    await until(async () => (await patientless.call("POST", path, { body: aSend() })).status === 202);
    expect(await count()).toBe(before + 1);
  });
});

test("a database that is slow: the statement is undone after its time, and the answer says that nothing was stored", async () => {
  await holdStores();
  const { answer, before } = await expectRefusedInTime(send);
  expect(answer.body.detail).toContain("nothing was stored");
  await locker.query("rollback");
  expect(await storesThatWait()).toEqual([]);
  expect(await count()).toBe(before);
});

test("reads are answered at once while sends wait for the database", async () => {
  await holdStores();
  const sends = Array.from({ length: 12 }, () => send());
  await storeThatWaits();
  for (let round = 0; round < 5; round++) {
    const { answer, tookMs } = await timed(() => api.call("GET", `${path}/Operations`));
    expect(answer.status).toBe(200);
    expect(tookMs).toBeLessThan(patient(500));
  }
  const answers = await Promise.all(sends);
  expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(["unavailable", "overloaded"]));
});

test("the connection is lost right after the commit: the operation is found, and the answer is 202", async () => {
  await holdStores();
  const before = await count();
  const sent = send();
  await storeThatWaits();
  proxy.set({ kind: "loseAnswers" });
  await locker.query("rollback");
  await until(async () => (await count()) === before + 1);
  // Ends the connections, and lets new ones through.
  proxy.set({ kind: "pass" });
  const { status, body } = await sent;
  expect(status).toBe(202);
  expect((await api.call("GET", `${path}/Operations/${body.operationId}`)).status).toBe(200);
});

test("the commit is never heard of: 503 outcome-unknown names the operation, and the same key has its answer later", async () => {
  await holdStores();
  const headers = { "Idempotency-Key": "never-heard-of" };
  const sent = expectRefusedInTime(() => send(headers), "outcome-unknown");
  await storeThatWaits();
  proxy.set({ kind: "loseAnswers" });
  await locker.query("rollback");
  const { answer, before } = await sent;
  proxy.set({ kind: "pass" });
  const again = await until(async () => {
    const retried = await send(headers);
    return retried.status === 202 && retried;
  });
  expect(again.body.operationId).toBe(answer.body.operationId);
  expect(await count()).toBe(before + 1);
});

test("a backend that is terminated under an accept: the answer does not claim to know, and its key is free", async () => {
  await holdStores();
  const headers = { "Idempotency-Key": "terminated" };
  const sent = expectRefusedInTime(() => send(headers), "outcome-unknown");
  const { pid } = await storeThatWaits();
  await locker.query("select pg_terminate_backend($1)", [pid]);
  const { answer, before } = await sent;
  await locker.query("rollback");
  expect((await api.call("GET", `${path}/Operations/${answer.body.operationId}`)).status).toBe(404);
  expect((await send(headers)).status).toBe(202);
  expect(await count()).toBe(before + 1);
});

test("other changes whose connection is lost do not claim that nothing was stored", async () => {
  await locker.query("begin; lock table users in share mode");
  const body = { appName: "airline", devices: [{ provider: "FCM", token: "t" }] };
  const registered = api.call("POST", `${path}/DeviceRegistrations`, { body });
  const { pid } = await until(async () => {
    const waiting = "select pid from pg_locks where not granted and relation = 'users'::regclass";
    return (await locker.query<{ pid: number }>(waiting)).rows[0];
  });
  await locker.query("select pg_terminate_backend($1)", [pid]);
  expect([(await registered).status, (await registered).body.code]).toEqual([503, "outcome-unknown"]);
});

test("a client that was cut off before the answer makes the same request again and has one operation", async () => {
  await holdStores();
  const before = await count();
  const body = JSON.stringify(aSend());
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  // Not half-closed: Node's server gives up the request of a client that has ended, maybe before it comes to be stored.
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(api.account)}\r\nIdempotency-Key: cut-off\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await storeThatWaits();
  socket.destroy();
  await locker.query("rollback");
  const again = await until(async () => {
    const retried = await send({ "Idempotency-Key": "cut-off" });
    return retried.status === 202 && retried;
  });
  expect(await count()).toBe(before + 1);
  expect((await api.call("GET", `${path}/Operations/${again.body.operationId}`)).body.stats.recipients).toBe(2);
});

test.each(["40001", "40P01"])(
  "a statement that Postgres rolls back (%s) is made again, and stored once",
  async (code) => {
    await db.$executeRawUnsafe("create sequence tries");
    await db.$executeRawUnsafe(`create function conflict() returns trigger language plpgsql as $$ begin
    if nextval('tries') = 1 then raise exception 'conflict' using errcode = '${code}'; end if; return new; end $$`);
    await db.$executeRawUnsafe(
      "create trigger conflict before insert on operations for each row execute function conflict()",
    );
    const before = await count();
    expect((await send()).status).toBe(202);
    expect(await count()).toBe(before + 1);
    const [tries] = await db.$queryRaw<{ made: bigint }[]>`select last_value as made from tries`;
    expect(Number(tries?.made)).toBe(2);
    await db.$executeRawUnsafe("drop trigger conflict on operations; drop function conflict; drop sequence tries");
  },
);
