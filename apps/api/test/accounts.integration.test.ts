import { accountUuid } from "@fanfare/domain";
import { addCredentials, aSend, type Credentials, ofAccount, type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi({ LOGIN_FAILURES_PER_MINUTE: "100000" });
  await addCredentials(api);
});
afterAll(() => api.close());

const operations = "/v1/PushNotifications/Operations";
const keys = `/v1/Accounts/AC${"0".repeat(31)}1/Keys`;
const statusAs = async (as: Credentials, path = operations) => (await api.call("GET", path, { as })).status;

describe("auth tokens", () => {
  test("after a rotation both tokens are valid for as long as was asked", async () => {
    const account = await api.newAccount();
    const path = `/v1/Accounts/${account.user}/AuthToken`;
    const first = await api.call("POST", path, { as: account, body: { previousValidSeconds: 3_600 } });
    const second = { user: account.user, password: first.body.authToken };
    expect(first.body.previousAuthTokenValidUntil).not.toBeNull();
    expect([await statusAs(account), await statusAs(second)]).toEqual([200, 200]);
    const again = await api.call("POST", path, { as: api.operator, body: { previousValidSeconds: 0 } });
    const third = { user: account.user, password: again.body.authToken };
    expect([await statusAs(account), await statusAs(second), await statusAs(third)]).toEqual([401, 401, 200]);
  });

  test("a suspended account is refused until it is resumed", async () => {
    const account = await api.newAccount();
    const patch = (status: string) =>
      api.call("PATCH", `/v1/Accounts/${account.user}`, { as: api.operator, body: { status } });
    expect((await patch("SUSPENDED")).body.status).toBe("SUSPENDED");
    expect(await statusAs(account)).toBe(401);
    await patch("ACTIVE");
    expect(await statusAs(account)).toBe(200);
  });

  test("a token that was rotated over the API is not undone by a restart, and a changed setting is a rotation: both are valid", async () => {
    const { user } = api.account;
    const rotated = await api.call("POST", `/v1/Accounts/${user}/AuthToken`, { body: { previousValidSeconds: 3_600 } });
    const settings = { FANFARE_AUTH_TOKEN: api.account.password, FANFARE_DATA_DIR: api.dataDir };
    const restarted = await runApi(settings, api.databaseUrl);
    const now = { user, password: rotated.body.authToken };
    expect((await restarted.call("GET", operations, { as: now })).status).toBe(200);
    await restarted.close();
    const changed = await runApi({ ...settings, FANFARE_AUTH_TOKEN: "another-token-of-the-settings" }, api.databaseUrl);
    const fromSettings = { user, password: "another-token-of-the-settings" };
    for (const as of [fromSettings, now]) expect((await changed.call("GET", operations, { as })).status).toBe(200);
    await changed.close();
    api.account.password = "another-token-of-the-settings";
  });

  test("a token that was replaced is not brought back by settings that were left behind, and a setting that follows a rotation is none", async () => {
    const { user } = api.account;
    const start = (token: string, databaseUrl: string, dataDir: string) =>
      runApi({ FANFARE_AUTH_TOKEN: token, FANFARE_DATA_DIR: dataDir }, databaseUrl);
    const first = await runApi();
    const { password: original } = first.account;
    const rotate = async (previousValidSeconds: number) =>
      (
        await first.call("POST", ofAccount(first.account, "/AuthToken"), {
          as: first.operator,
          body: { previousValidSeconds },
        })
      ).body.authToken as string;
    const [second, third] = [await rotate(0), await rotate(3_600)];
    const known = async (of: RunningApi) => {
      const tokens = [original, second, third];
      const statuses = await Promise.all(
        tokens.map(async (password) => (await of.call("GET", operations, { as: { user, password } })).status),
      );
      return statuses.map((status) => status === 200);
    };
    for (const [token, isStale] of [
      [third, false],
      [original, true],
      [second, true],
      [third, false],
    ] as const) {
      const restarted = await start(token, first.databaseUrl, first.dataDir);
      expect(await known(restarted)).toEqual([false, true, true]);
      const told = restarted.log.filter((line) => line.includes("is a token that was replaced"));
      expect(told).toHaveLength(isStale ? 1 : 0);
      await restarted.close();
    }
    await first.close();
  });
});

describe("API keys", () => {
  const create = async (scopes: string[]): Promise<Credentials> => {
    const { body } = await api.call("POST", keys, { body: { name: "ci", scopes } });
    return { user: body.id, password: body.secret };
  };

  test.each([
    [["send"], 202, 403, 403],
    [["read"], 403, 200, 403],
    [["admin"], 403, 403, 200],
    [["send", "read", "admin"], 202, 200, 200],
  ])("a key with the scopes %j may do that and nothing else", async (scopes, send, read, admin) => {
    const as = await create(scopes);
    expect(as.user).toMatch(/^SK[0-9a-f]{32}$/);
    const sent = await api.call("POST", "/v1/PushNotifications", { as, body: aSend() });
    expect([sent.status, await statusAs(as), await statusAs(as, keys)]).toEqual([send, read, admin]);
    expect(await statusAs(as, "/v1/Audit")).toBe(403);
  });

  test("its secret is shown once and kept as a hash only", async () => {
    const { user, password } = await create(["read"]);
    const shown = JSON.stringify((await api.call("GET", keys)).body);
    expect(shown).toContain(user);
    expect(shown).not.toContain(password);
    const rows = JSON.stringify(await api.db.$queryRaw`select api_keys::text from api_keys`);
    expect(rows).not.toContain(password);
    expect(rows).not.toContain(Buffer.from(password).toString("hex"));
  });

  test.each([
    [{ name: "x", scopes: [] }, "/scopes"],
    [{ name: "x", scopes: ["write"] }, "/scopes/0"],
    [{ name: "x", scopes: ["read", "read"] }, "/scopes"],
    [{ name: " ", scopes: ["read"] }, "/name"],
    [{ name: "x", scopes: ["read"], extra: 1 }, "/extra"],
  ])("%j is refused, and the field is named", async (body, pointer) => {
    const answer = await api.call("POST", keys, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });
});

describe("who is let in", () => {
  test("every route but health wants credentials", async () => {
    for (const path of [
      "/openapi.json",
      "/docs/",
      "/admin/queues",
      operations,
      "/v1/Accounts",
      "/v1/Audit",
      "/nowhere",
    ]) {
      const res = await fetch(`${api.url}${path}`);
      expect([path, res.status, res.headers.get("www-authenticate")?.split(" ")[0]]).toEqual([path, 401, "Basic"]);
      await res.arrayBuffer();
    }
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(`${api.url}${path}`)).status).toBe(200);
  });

  test.each([
    ["a wrong token", (own: Credentials) => ({ ...own, password: "wrong" })],
    ["another account's token", (own: Credentials) => ({ ...own, user: `AC${"f".repeat(32)}` })],
    ["an empty password", (own: Credentials) => ({ ...own, password: "" })],
    ["a user of no known form", () => ({ user: "root", password: "x" })],
    ["the operator with a wrong password", () => ({ user: "admin", password: "wrong" })],
  ])("%s is refused", async (_what, change) => {
    expect(await statusAs(change(api.account))).toBe(401);
  });

  test("the operator manages accounts and sees the queues, and sends nothing", async () => {
    expect(await statusAs(api.operator, "/v1/Accounts")).toBe(200);
    expect(await statusAs(api.operator)).toBe(403);
    expect(await statusAs(api.account, "/v1/Audit")).toBe(403);
    const board = await fetch(`${api.url}/admin/queues`, {
      headers: { authorization: `Basic ${Buffer.from(`admin:${api.operator.password}`).toString("base64")}` },
    });
    expect(board.status).toBe(200);
    expect(await board.text()).toContain("Fanfare");
  });
});

test("accounts are listed newest first, page by page, the settings' among them; an account sees itself alone", async () => {
  const made = [];
  for (let count = 0; count < 5; count++) made.push(await api.newAccount());
  const listed: string[] = [];
  for (let next: string | null = "/v1/Accounts?pageSize=2"; next !== null; ) {
    const { body } = await api.call("GET", next, { as: api.operator });
    listed.push(...body.accounts.map(({ id }: { id: string }) => id));
    next = body.pagination.next?.slice(api.url.length) ?? null;
  }
  expect(listed.slice(0, 5)).toEqual(made.map(({ user }) => user).reverse());
  expect(listed.at(-1)).toBe(api.account.user);
  expect(new Set(listed).size).toBe(listed.length);
  const [own] = made;
  expect((await api.call("GET", "/v1/Accounts", { as: own })).body.accounts).toMatchObject([{ id: own?.user }]);
});

test("no more keys than there may be are made, however many are asked for at once", async () => {
  const account = await api.newAccount();
  await api.db.$executeRaw`
    insert into api_keys (id, account_id, name, scopes, secret_hash)
    select gen_random_uuid(), ${accountUuid(account.user)}::uuid, 'k', '{read}', '' from generate_series(1, 97)`;
  const create = async () => {
    const body = { name: "k", scopes: ["read"] };
    return (await api.call("POST", ofAccount(account, "/Keys"), { as: account, body })).status;
  };
  const statuses = await Promise.all(Array.from({ length: 6 }, create));
  expect(statuses.sort()).toEqual([201, 201, 201, 422, 422, 422]);
});
