import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { createApiClient } from "./api-client.js";

let server: Server;
let answer: RequestListener;
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const urlOf = (path = "") => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const clientOf = (path = "", user = "AC0") => createApiClient(urlOf(path), user, "secret-token");

const json =
  (status: number, body: object, headers = {}): RequestListener =>
  (_req, res) =>
    void res.writeHead(status, { "content-type": "application/problem+json", ...headers }).end(JSON.stringify(body));

test("a slash at the end of the URL and a path in it are part of every call", async () => {
  answer = json(200, { id: "o", stats: {} });
  await clientOf("/push/").operation("o");
  expect(asked).toEqual(["GET /push/v1/PushNotifications/Operations/o"]);
});

test("the pages of a list are asked for at the URL that was given, whatever host and path the API gives for the next one", async () => {
  answer = (req, res) => {
    const next = req.url?.includes("pageToken")
      ? null
      : "https://elsewhere.example.com/push/v1/Accounts/AC1/Keys?pageToken=2";
    json(200, { keys: [{ id: next ?? "last" }], pagination: { next } })(req, res);
  };
  expect(await clientOf("/push").apiKeys("AC1")).toHaveLength(2);
  expect(asked).toEqual(["GET /push/v1/Accounts/AC1/Keys?pageSize=1000", "GET /push/v1/Accounts/AC1/Keys?pageToken=2"]);
});

test("an id can address nothing else than what has it", async () => {
  answer = json(404, { title: "Not Found", detail: "There is none." });
  await expect(clientOf().revokeApiKey("AC1", "../Accounts/AC1?x#y")).rejects.toThrow("404 Not Found: There is none.");
  expect(asked).toEqual(["DELETE /v1/Accounts/AC1/Keys/..%2FAccounts%2FAC1%3Fx%23y"]);
});

test.each(["", ".", "..", "\ud800"])("an id that is none is not asked for: %j", async (id) => {
  answer = json(200, {});
  await expect(clientOf().revokeApiKey("AC1", id)).rejects.toThrow(`${JSON.stringify(id)} is no id.`);
  await expect(clientOf().apiKeys(id)).rejects.toThrow(`${JSON.stringify(id)} is no id.`);
  expect(asked).toEqual([]);
});

test.each([
  [502, true],
  [404, false],
  [200, false],
])("an answer of %s that is not the API's is one sentence with status and URL", async (status, retryable) => {
  answer = (_req, res) => void res.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end("<p>proxy");
  await expect(clientOf().operation("o")).rejects.toMatchObject({
    message: `What answers at ${urlOf("/v1/PushNotifications/Operations/o")} is not Fanfare, but perhaps a proxy before it (${status}, text/html): set FANFARE_URL to where it is.`,
    retryable,
  });
});

test("a success that has not what was asked for is not the API's either", async () => {
  const foreign = /^What answers at .* is not Fanfare/;
  answer = json(200, {});
  const client = clientOf("", "admin");
  for (const ask of [
    () => client.send({}),
    () => client.operation("o"),
    () => client.accounts(),
    () => client.createAccount("a"),
    () => client.createApiKey("a", { name: "k", scopes: ["send"] }),
  ]) {
    await expect(ask()).rejects.toThrow(foreign);
  }
  answer = (_req, res) => void res.writeHead(204).end();
  await expect(client.createAccount("a")).rejects.toThrow(foreign);
  await client.revokeApiKey("a", "k");
});

test("a redirect is not followed with credentials, and its goal is told", async () => {
  answer = (_req, res) => void res.writeHead(301, { location: "https://push.example.com/" }).end();
  await expect(clientOf().operation("o")).rejects.toThrow(
    /leads to https:\/\/push\.example\.com\/ \(301\).*FANFARE_URL/,
  );
  expect(asked).toHaveLength(1);
});

test.each([
  ["AC0", "FANFARE_ACCOUNT_ID and FANFARE_AUTH_TOKEN"],
  ["admin", "FANFARE_ADMIN_PASSWORD"],
])("credentials of %s that are refused are said with the settings to change, and not shown", async (user, settings) => {
  answer = json(401, { title: "Unauthorized", detail: "No." });
  const refused = clientOf("", user).accounts();
  await expect(refused).rejects.toThrow(new RegExp(`of ${user} \\(401\\): set ${settings} to`));
  await expect(refused).rejects.not.toThrow("secret-token");
});

test("what is too much is said with when to come again", async () => {
  answer = json(429, { title: "Too Many Requests", detail: "Slow down." }, { "retry-after": "7" });
  await expect(clientOf().operation("o")).rejects.toMatchObject({
    message: "429 Too Many Requests: Slow down. (again in 7 s)",
    retryable: true,
    retryAfterMs: 7_000,
  });
});

test("nobody who answers, a connection that is reset, and TLS where there is none are a sentence each", async () => {
  answer = (req) => void req.socket.resetAndDestroy();
  await expect(clientOf().operation("o")).rejects.toThrow(
    /^Fanfare can not be reached at .*: the connection (was reset|ended)/,
  );
  const tls = createApiClient(urlOf().replace("http:", "https:"), "AC0", "t");
  await expect(tls.operation("o")).rejects.toThrow(/does not speak TLS; set FANFARE_URL/);
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(createApiClient(`http://127.0.0.1:${port}`, "AC0", "t").operation("o")).rejects.toThrow(
    /nothing answers there; start it \(fanfare start\), or set FANFARE_URL/,
  );
});
