import { once } from "node:events";
import { connect } from "node:net";
import { readEvents, until } from "@fanfare/testkit";
import {
  addCredentials,
  aSend,
  basic,
  type Credentials,
  ofAccount,
  type RunningApi,
  readAnswer,
  runApi,
} from "./support.js";

// Two processes of one installation: what is revoked at one is refused by the other.
let api: RunningApi;
let other: RunningApi;
beforeAll(async () => {
  api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "100000" });
  const shared = { FANFARE_AUTH_TOKEN: api.account.password, FANFARE_DATA_DIR: api.dataDir };
  other = await runApi({ ...shared, LOGIN_FAILURES_PER_MINUTE: "100000" }, api.databaseUrl);
  await addCredentials(api);
});
afterAll(async () => {
  await other?.close();
  await api.close();
});

const path = "/v1/PushNotifications";

async function aKey(...scopes: string[]): Promise<Credentials> {
  const { body } = await api.call("POST", ofAccount(api.account, "/Keys"), { body: { name: "k", scopes } });
  return { user: body.id, password: body.secret };
}

const revoke = (key: Credentials) => api.call("DELETE", ofAccount(api.account, `/Keys/${key.user}`));
const statusAt = async (where: RunningApi, as: Credentials) =>
  (await where.call("GET", `${path}/Operations`, { as })).status;

test("a revoked key is refused where it was revoked at once, and elsewhere soon, however often it was used", async () => {
  const key = await aKey("read");
  for (let times = 0; times < 50; times++) expect(await statusAt(other, key)).toBe(200);
  expect((await revoke(key)).status).toBe(204);
  expect(await statusAt(api, key)).toBe(401);
  await until(async () => (await statusAt(other, key)) === 401, { quietMs: 3_000 });
  const { body } = await api.call("GET", ofAccount(api.account, `/Keys/${key.user}`));
  expect(body.revokedAt).not.toBeNull();
});

test("so are a token that was rotated away, and all of a suspended account's until it is resumed", async () => {
  const account = await api.newAccount();
  const { body } = await api.call("POST", ofAccount(account, "/Keys"), {
    as: account,
    body: { name: "k", scopes: ["read"] },
  });
  const key = { user: body.id, password: body.secret };
  expect([await statusAt(other, account), await statusAt(other, key)]).toEqual([200, 200]);
  const change = (status: string) => api.call("PATCH", ofAccount(account), { as: api.operator, body: { status } });
  await change("SUSPENDED");
  expect([await statusAt(api, account), await statusAt(api, key)]).toEqual([401, 401]);
  for (const as of [account, key]) await until(async () => (await statusAt(other, as)) === 401, { quietMs: 3_000 });
  await change("ACTIVE");
  for (const as of [account, key]) await until(async () => (await statusAt(other, as)) === 200, { quietMs: 3_000 });
  const rotated = await api.call("POST", ofAccount(account, "/AuthToken"), {
    as: account,
    body: { previousValidSeconds: 0 },
  });
  await until(async () => (await statusAt(other, account)) === 401, { quietMs: 3_000 });
  expect(await statusAt(other, { ...account, password: rotated.body.authToken })).toBe(200);
});

test("a stream of events ends when its key is revoked, wherever it is open, and others go on", async () => {
  const key = await aKey("read");
  const { operationId } = (await api.call("POST", path, { body: aSend() })).body;
  const ended: string[] = [];
  const follow = async (name: string, as: Credentials, signal?: AbortSignal) => {
    const url = `${other.url}${path}/Operations/${operationId}/Events`;
    const res = await fetch(url, { headers: { authorization: basic(as) }, signal: signal ?? null });
    expect(res.status).toBe(200);
    const reading = async () => {
      for await (const { data } of readEvents(res)) expect(data.status).toBe("PROCESSING");
    };
    return reading().then(
      () => ended.push(name),
      () => ended.push(`${name} left`),
    );
  };
  const leave = new AbortController();
  const reading = [follow("key", key), follow("account", api.account, leave.signal)];
  await until(async () => (await statusAt(other, key)) === 200);
  await revoke(key);
  await until(() => ended.length > 0, { quietMs: 3_000 });
  expect(ended).toEqual(["key"]);
  leave.abort();
  await Promise.all(reading);
  await until(() => ended.length === 2);
});

/** Begins a request with a key that is revoked before the rest of the body comes; its answer, once the key is refused everywhere. */
async function answerAfterRevocation(target: string, body: string, ...scopes: string[]) {
  const key = await aKey(...scopes);
  const socket = connect(Number(new URL(other.url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  const headers = ["Host: localhost", `Authorization: ${basic(key)}`, "Content-Type: application/json"];
  const lines = [target, ...headers, `Content-Length: ${body.length}`, "Connection: close"];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body.slice(0, 1)}`);
  await until(async () => (await statusAt(other, key)) === 403);
  await revoke(key);
  await until(async () => (await statusAt(other, key)) === 401, { quietMs: 3_000 });
  socket.write(body.slice(1));
  await once(socket, "end");
  const { status, body: problem } = readAnswer(text);
  return [status, JSON.parse(problem).code];
}

test("a request whose key is revoked while its body comes is refused, and stores nothing", async () => {
  const body = JSON.stringify(aSend({ tags: { late: "yes" } }));
  const answer = await answerAfterRevocation(`POST ${path} HTTP/1.1`, body, "send");
  expect(answer).toEqual([401, "unauthorized"]);
  const { body: found } = await api.call("GET", `${path}/Operations?tag.late=yes`);
  expect(found.operations).toEqual([]);
});

test("so is one that takes no body and gets one", async () => {
  const spare = await aKey("read");
  const target = `DELETE ${ofAccount(api.account, `/Keys/${spare.user}`)} HTTP/1.1`;
  expect(await answerAfterRevocation(target, "{}", "admin")).toEqual([401, "unauthorized"]);
  expect(await statusAt(api, spare)).toBe(200);
});
