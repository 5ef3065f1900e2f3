import { connect } from "node:net";
import { until } from "@fanfare/testkit";
import { addCredentials, answerTo, aSend, basic, type RunningApi, readAnswer, runApi } from "./support.js";

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

const HOST = "Host: localhost";
const ofTheRequest = new Set(["content-length", "date", "x-request-id", "connection", "keep-alive"]);
const lasting = (headers: Headers) => [...headers].filter(([name]) => !ofTheRequest.has(name));

test.each([
  ["a request line that is none", ["GET"], 400, "invalid-request"],
  ["a method that is none", ["G\u00e9T / HTTP/1.1", HOST], 400, "invalid-request"],
  ["a version that is none", ["GET / HTTP/9.9", HOST], 400, "invalid-request"],
  ["a header without a colon", ["GET / HTTP/1.1", HOST, "nothing"], 400, "invalid-request"],
  [
    "a body of two lengths",
    ["POST / HTTP/1.1", HOST, "Content-Length: 1", "Content-Length: 2"],
    400,
    "invalid-request",
  ],
  ["headers that are too large", ["GET / HTTP/1.1", HOST, `X: ${"x".repeat(20_000)}`], 431, "headers-too-large"],
  ["a path that is too large", [`GET /${"x".repeat(20_000)} HTTP/1.1`, HOST], 431, "headers-too-large"],
  ["an expectation that nobody knows", ["GET / HTTP/1.1", HOST, "Expect: the worst"], 417, "expectation-failed"],
  ["HTTP/1.1 without a Host", ["GET /v1/Accounts HTTP/1.1"], 400, "invalid-request"],
])("%s is answered as every error is", async (_what, lines, status, code) => {
  const answer = readAnswer(await answerTo(api, ...lines));
  const { body: text, headers } = answer;
  const problem = JSON.parse(text);
  expect(answer.status).toBe(status);
  expect(problem).toMatchObject({ status, code, type: `urn:fanfare:error:${code}`, detail: expect.any(String) });
  expect(problem.requestId).toBe(headers.get("x-request-id"));
  expect(headers.get("connection")).toBe("close");
  expect(Number(headers.get("content-length"))).toBe(text.length);
  const other = readAnswer(await answerTo(api, "POST /healthz HTTP/1.1", HOST)).headers;
  other.delete("allow");
  expect(lasting(headers)).toEqual(lasting(other));
});

/** Asks, and when the answer is there says what is no request; resolves with all that came until the connection was closed. */
async function askAndBabble(target: string, awaited: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.write(`GET ${target} HTTP/1.1\r\n${HOST}\r\nAuthorization: ${basic(api.account)}\r\n\r\n`);
  await until(() => text.includes(awaited));
  socket.write("nonsense\r\n\r\n");
  await until(() => socket.closed);
  return text;
}

const statuses = (text: string) => text.match(/HTTP\/1\.1 \d+/g);

test("what comes after an answer and can not be read is answered", async () => {
  expect(statuses(await askAndBabble("/healthz", '"ok"'))).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
});

test("in the midst of an answer there is no other", async () => {
  await addCredentials(api);
  const schedule = { sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  const { operationId } = (await api.call("POST", "/v1/PushNotifications", { body: aSend({ schedule }) })).body;
  const events = `/v1/PushNotifications/Operations/${operationId}/Events`;
  expect(statuses(await askAndBabble(events, "SCHEDULED"))).toEqual(["HTTP/1.1 200"]);
});

test("OPTIONS * has the methods of the whole server, and other methods of it name nothing", async () => {
  const ask = async (method: string) =>
    readAnswer(await answerTo(api, `${method} * HTTP/1.1`, HOST, `Authorization: ${basic(api.account)}`));
  const { status, headers } = await ask("OPTIONS");
  expect([status, headers.get("allow")?.split(", ").sort()]).toEqual([
    204,
    ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST"],
  ]);
  expect((await ask("GET")).status).toBe(404);
});
