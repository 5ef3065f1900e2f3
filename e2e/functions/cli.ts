import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv, promisify } from "node:util";
import { freePort, until } from "@fanfare/testkit";
import { stack } from "./stack.js";

const main = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

const run = (args: string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, FANFARE_URL: stack.url, FANFARE_DATA_DIR: stack.dataDir, ...env },
  });

const fanfare = async (args: string[], env: Record<string, string> = {}) => (await run(args, env)).stdout;

/** Makes something that has a secret: what the command says, and the file that it says the secret is in. */
async function made(args: string[]): Promise<Record<string, string>> {
  const said = await fanfare(args);
  const file = /^\S+ is in (.+), which only you can read/m.exec(said)?.[1] ?? "";
  return { said, ...parseEnv(readFileSync(file, "utf8")) };
}

const failing = (args: string[], env: Record<string, string> = {}) =>
  fanfare(args, env).then(
    (stdout) => Promise.reject(new Error(`succeeded: ${stdout}`)),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );

test("the operator makes an account, rotates its token and suspends it; the old token is valid as long as was said", async () => {
  const {
    said,
    FANFARE_ACCOUNT_ID: accountId,
    FANFARE_AUTH_TOKEN: authToken = "",
  } = await made(["accounts", "create", "acme"]);
  expect(said).not.toContain(authToken);
  const status = async (token: string) =>
    (await stack.call("GET", "/v1/PushNotifications/Operations", undefined, `${accountId}:${token}`)).status;
  expect(await status(authToken)).toBe(200);
  expect(await fanfare(["accounts", "list"])).toMatch(new RegExp(`${accountId}.*acme.*ACTIVE`));
  const rotate = ["accounts", "rotate-token", String(accountId), "--previous-valid-seconds", "5"];
  const { FANFARE_AUTH_TOKEN: newToken = "" } = await made(rotate);
  expect(newToken).not.toBe(authToken);
  expect([await status(authToken), await status(newToken)]).toEqual([200, 200]);
  await until(async (see) => see(await status(authToken)) === 401);
  expect(await status(newToken)).toBe(200);
  expect(await fanfare(["accounts", "rename", String(accountId), "acme inc."])).toMatch(/acme inc\./);
  expect(await fanfare(["accounts", "suspend", String(accountId)])).toMatch(/SUSPENDED/);
  await until(async (see) => see(await status(newToken)) === 401);
  expect(await fanfare(["accounts", "resume", String(accountId)])).toMatch(/ACTIVE/);
  await until(async (see) => see(await status(newToken)) === 200);
});

test("an account makes API keys with scopes, lists and revokes them", async () => {
  const { said, ...key } = await made(["keys", "create", "reporting", "--scopes", "read"]);
  const { FANFARE_API_KEY: id = "", FANFARE_API_KEY_SECRET: secret = "" } = key;
  expect(said).not.toContain(secret);
  const call = (method: string, path: string, body?: object) => stack.call(method, path, body, `${id}:${secret}`);
  expect((await call("GET", "/v1/PushNotifications/Operations")).status).toBe(200);
  const send = { to: [{ provider: "FCM", token: "t" }], content: { title: "x" } };
  expect((await call("POST", "/v1/PushNotifications", send)).body).toMatchObject({ status: 403, code: "forbidden" });
  const listed = await fanfare(["keys", "list"]);
  expect(listed).toMatch(new RegExp(`${id}.*reporting.*read`));
  expect(listed).not.toContain(secret);
  expect(await fanfare(["keys", "revoke", id])).toBe(`${id} is revoked.\n`);
  await until(async (see) => see((await call("GET", "/v1/PushNotifications/Operations")).status) === 401);
});

test("the operator manages any account's keys; a key is what the commands may be, within its scopes", async () => {
  const { FANFARE_ACCOUNT_ID: account = "" } = await made(["accounts", "create", "other"]);
  const ofIt = ["--account", account];
  const { said: _said, ...key } = await made(["keys", "create", "ci", "--scopes", "admin", "read", ...ofIt]);
  expect(await fanfare(["keys", "list", ...ofIt])).toContain(key.FANFARE_API_KEY);
  expect(await fanfare(["keys", "list"])).not.toContain(key.FANFARE_API_KEY);
  expect(await fanfare(["keys", "list"], key)).toContain(key.FANFARE_API_KEY);
  expect((await failing(["send", "--fcm", "t", "--title", "x"], key)).stderr).toContain("has not the scope send");
  const wrong = await failing(["keys", "list"], { ...key, FANFARE_API_KEY_SECRET: "wrong" });
  expect(wrong.stderr).toContain("set FANFARE_API_KEY and FANFARE_API_KEY_SECRET");
  expect((await failing(["keys", "list"], { FANFARE_API_KEY: String(key.FANFARE_API_KEY) })).stderr).toContain(
    "FANFARE_API_KEY_SECRET: is required when FANFARE_API_KEY is set",
  );
  const log = await fanfare(["audit"], key);
  expect(log).toMatch(new RegExp(`api-key.created.*${key.FANFARE_API_KEY}.*admin`));
  expect(log).toMatch(new RegExp(`account.created.*${account}.*admin`));
  const revoked = ["audit", "--all", "--action", "api-key.revoked", "--limit", "1"];
  await fanfare(["keys", "revoke", String(key.FANFARE_API_KEY), ...ofIt]);
  expect(await fanfare(revoked)).toMatch(new RegExp(`${key.FANFARE_API_KEY}.*admin.*${account}`));
  const since = ["audit", ...ofIt, "--target", account, "--until", "2026-01-01T00:00:00Z"];
  expect(await fanfare(since)).not.toContain(account);
});

test.each([
  [["audit", "--all", "--account", "AC1"], "'--all' cannot be used with option '--account <id>'"],
  [["audit", "--since", "yesterday"], "'--since <time>' argument 'yesterday' is invalid. must be a time such as"],
  [["audit", "--until", "2026-13-01T00:00:00Z"], "'--until <time>' argument"],
  [["audit", "--action", "nothing"], "Allowed choices are account.created"],
  [["audit", "--limit", "0"], "must be from 1 to 1,000"],
  [["audit", "--account", "AC1"], "404 Not found"],
])("%j is refused, and the option is named", async (args, said) => {
  const { code, stderr } = await failing(args);
  expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
});

test("send --watch shows the progress to the end, and ends with 1 unless all were sent", async () => {
  const send = ["send", "--fcm", "cli-a", "cli-c", "--apn", "cli-b", "--title", "Hi", "--watch"];
  const shown = await fanfare(send);
  expect(shown).toMatch(/comms_operation_[0-9a-z]{26}/);
  const operation = JSON.parse(shown.slice(shown.indexOf("{"))) as object;
  expect(operation).toMatchObject({ status: "COMPLETED", stats: { total: 3, sent: 3 } });
  const { code, stderr } = await failing(send.map((word) => (word === "cli-c" ? "dead-cli" : word)));
  expect(code).toBe(1);
  expect(stderr).toContain("Not everything was sent: 2 of 3 sent, 1 undelivered.");
});

test("what goes wrong is told in words, with exit code 1", async () => {
  const unknown = await failing(["accounts", "suspend", `AC${"0".repeat(32)}`]);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toMatch(/^404 Not found: .+\n$/);
  const url = `http://127.0.0.1:${await freePort()}`;
  const elsewhere = await failing(["keys", "list"], { FANFARE_URL: url });
  expect(elsewhere.stderr).toContain(
    `Fanfare can not be reached at ${url}: nothing answers there; start it (fanfare start)`,
  );
  const scope = await failing(["keys", "create", "x", "--scopes", "everything"]);
  expect(scope.stderr).toContain("Allowed choices are send, read, admin");
});

describe("fanfare api", () => {
  const body = JSON.stringify({ to: [{ provider: "FCM", token: "of-the-command" }], content: { title: "x" } });

  test("makes any call, and prints its answer", async () => {
    const file = join(stack.dataDir, "send.json");
    writeFileSync(file, body);
    const header = "Idempotency-Key: of-the-command";
    const first = JSON.parse(await fanfare(["api", "/v1/PushNotifications", "--data", `@${file}`, "-H", header]));
    const again = JSON.parse(await fanfare(["api", "v1/PushNotifications", "-d", body, "--header", header]));
    expect(again).toEqual(first);
    const path = `/v1/PushNotifications/Operations/${first.operationId}`;
    await stack.completed(first.operationId);
    expect(JSON.parse(await fanfare(["api", path]))).toMatchObject({ id: first.operationId, status: "COMPLETED" });
    expect(await fanfare(["api", `${path}/Events`])).toMatch(/^event:operation$/m);
    expect(await fanfare(["api", path, "--method", "head"])).toBe("");
    expect(JSON.parse(await fanfare(["api", "/v1/Audit?pageSize=1", "--operator"])).auditEvents).toHaveLength(1);
  });

  test("prints the problem that it is refused with, and sends a file as it is", async () => {
    const file = join(stack.dataDir, "no-utf-8.json");
    writeFileSync(file, Buffer.from(body.replace('"x"', '"\xff"'), "latin1"));
    const { stdout } = await run(["api", "/v1/PushNotifications", "-d", `@${file}`]).catch((error) => error);
    expect(JSON.parse(stdout)).toMatchObject({ status: 400, code: "malformed-json", requestId: expect.any(String) });
  });

  test("takes a body from its standard input", async () => {
    const command = `"$NODE" "$MAIN" api /v1/PushNotifications --data @-`;
    const env = { ...{ PATH: process.env.PATH, NODE: process.execPath, MAIN: main }, FANFARE_URL: stack.url };
    const given = { env: { ...env, FANFARE_DATA_DIR: stack.dataDir, BODY: body } };
    const { stdout } = await promisify(execFile)("sh", ["-c", `printf %s "$BODY" | ${command}`], given);
    expect(JSON.parse(stdout).operationId).toMatch(/^comms_operation_/);
  });

  test.each([
    [["/v1/Nothing"], /^404 Not found: There is nothing at \/v1\/Nothing\.\n$/],
    [["/v1/PushNotifications", "-d", "{}"], /^400 The request is not valid: [\s\S]*\n {2}\/to: is missing/],
    [["/v1/Accounts", "-X", "PUT"], /must be one of GET, HEAD, OPTIONS, POST, PATCH, DELETE/],
    [["/v1/Accounts", "-X", "GET", "-d", "{}"], /^GET has no body: leave --data out\.\n$/],
    [["/v1/Accounts", "-H", "nothing"], /^nothing is no header: write Name: value, in ASCII\.\n$/],
    [["/v1/Accounts", "-H", "X-Price: €1"], /^X-Price: €1 is no header/],
    [["/v1/Accounts", "-H", "Authorization: Basic x"], /^The header Authorization is made by the command itself\.\n$/],
    [["/v1/../admin"], /^\/v1\/\.\.\/admin is no path of the API: /],
    [["/v1/%2E%2e/admin"], / is no path of the API: /],
    [["/v1/Accounts#x"], / is no path of the API: /],
    [["https://elsewhere.example/v1"], / is no path of the API: /],
    [["/v1/Accounts", "-d", "@"], /^--data @ names no file\.\n$/],
    [["/v1/Accounts", "-d", "@/nowhere/at-all"], /^\/nowhere\/at-all can not be read: ENOENT/],
  ])("says in a sentence what is wrong with %j, and ends with 1", async (args, sentence) => {
    expect(await failing(["api", ...args])).toEqual({ code: 1, stderr: expect.stringMatching(sentence) });
  });
});
