import { addCredentials, answerTo, aSend, basic, type RunningApi, readAnswer, runApi } from "./support.js";

const path = "/v1/PushNotifications";
const BAD_HOSTS = [
  "[",
  "a b",
  "%",
  "a:b",
  ":80",
  "",
  "a/b",
  "a?b",
  "a#b",
  "u@h",
  "x:99999",
  ".",
  "..",
  "a..b",
  ".a",
  "a..",
  "a,b",
  "[::1",
  "\u00e9",
  // A name has 255 characters at most.
  `${"a.".repeat(130)}example`,
];

const servers: RunningApi[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function runWith(env: Record<string, string> = {}) {
  const api = await runApi(env);
  servers.push(api);
  await addCredentials(api);
  const ask = async (line: string, fields: string[], body = "") => {
    const about = body ? ["Content-Type: application/json", `Content-Length: ${body.length}`] : [];
    const head = [`${line} HTTP/1.1`, ...fields, `Authorization: ${basic(api.account)}`, ...about];
    return readAnswer(await answerTo(api, ...head, ...(body ? ["Connection: close", "", body] : [])));
  };
  return { api, ask };
}

const named = (body: string) =>
  JSON.parse(body).errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);

test("a Host that is none is a 400 that names it, before anything is stored", async () => {
  const { api, ask } = await runWith();
  for (const host of BAD_HOSTS) {
    const sent = await ask(`POST ${path}`, [`Host: ${host}`], JSON.stringify(aSend()));
    const listed = await ask(`GET ${path}/Operations?pageSize=1`, [`Host: ${host}`]);
    for (const { status, headers, body } of [sent, listed]) {
      expect([host, status, headers.get("location")]).toEqual([host, 400, null]);
      expect(named(body)).toEqual(["/Host invalid-header"]);
    }
    expect(JSON.parse(sent.body).detail).toBe("1 header is not valid; nothing was done.");
    expect(JSON.parse(listed.body).detail).toBe("1 header is not valid.");
  }
  expect(await api.db.operation.count()).toBe(0);
});

test("two Hosts are a 400, and so is a Host that is none where PUBLIC_URL says where the API is", async () => {
  const { ask } = await runWith({ PUBLIC_URL: "https://push.example" });
  expect((await ask(`GET ${path}`, ["Host: a", "Host: a"])).status).toBe(400);
  expect((await ask(`GET ${path}`, ["Host: ["])).status).toBe(400);
  const { status, body } = await ask(`GET ${path}`, ["Host: a"]);
  expect([status, JSON.parse(body).pagination.self]).toEqual([200, `https://push.example${path}`]);
});

test.each([
  "localhost",
  "push.example:8080",
  "127.0.0.1:80",
  "[::1]:81",
  "a_b-c.example",
  "PUSH.example",
  "a:",
  "push.example.",
])("a Host of %s stands in the answer's URLs", async (host) => {
  const { ask } = await runWith();
  const { status, body } = await ask(`GET ${path}`, [`Host: ${host}`]);
  expect(status).toBe(200);
  expect(JSON.parse(body).pagination.self).toBe(new URL(`http://${host}${path}`).href);
});

test("a proxy's X-Forwarded-Host counts where it is trusted, is held to the same form, and counts nowhere else", async () => {
  const trusting = await runWith({ TRUST_PROXY: "loopback" });
  const forwarded = (name: string) => ["Host: inner", `X-Forwarded-Host: ${name}`, "X-Forwarded-Proto: https"];
  for (const fields of [
    forwarded("push.example"),
    forwarded("push.example, inner.example"),
    [...forwarded("push.example").slice(0, 2), "X-Forwarded-Proto: HTTPS"],
  ]) {
    const { body } = await trusting.ask(`GET ${path}`, fields);
    expect(JSON.parse(body).pagination.self).toBe(`https://push.example${path}`);
  }
  expect((await trusting.ask(`GET ${path}`, forwarded(","))).status).toBe(400);
  for (const host of BAD_HOSTS.filter((name) => name !== "" && name !== "a,b").flatMap((name) => [
    name,
    `push.example, ${name}`,
    `${name},`,
  ])) {
    const refused = await trusting.ask(`GET ${path}`, forwarded(host));
    expect([host, refused.status]).toEqual([host, 400]);
    expect(named(refused.body)).toEqual(["/X-Forwarded-Host invalid-header"]);
  }
  const other = await runWith();
  for (const host of ["push.example", "["]) {
    const answer = await other.ask(`GET ${path}`, forwarded(host));
    expect([answer.status, JSON.parse(answer.body).pagination.self]).toEqual([200, `http://inner${path}`]);
  }
});

test("HTTP/1.0 knows no Host", async () => {
  const { api } = await runWith();
  const { status, body } = readAnswer(
    await answerTo(api, `GET ${path} HTTP/1.0`, `Authorization: ${basic(api.account)}`),
  );
  expect([status, JSON.parse(body).pagination.self]).toEqual([200, `http://localhost${path}`]);
});

test("health is answered whatever the Host is", async () => {
  const { ask } = await runWith();
  for (const target of ["/healthz", "/readyz"]) expect((await ask(`GET ${target}`, ["Host: ["])).status).toBe(200);
});
