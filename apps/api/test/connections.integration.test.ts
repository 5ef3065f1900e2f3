import { connect, type Socket } from "node:net";
import { patient, until } from "@fanfare/testkit";
import { basic, type RunningApi, runApi } from "./support.js";

const HEADERS_TIMEOUT_MS = 600;
const RECEIVE_TIMEOUT_MS = 1_200;
const KEEP_ALIVE_SECONDS = 3;

let api: RunningApi;
beforeAll(async () => {
  const times = { HEADERS_TIMEOUT_MS, RECEIVE_TIMEOUT_MS, KEEP_ALIVE_SECONDS };
  api = await runApi(Object.fromEntries(Object.entries(times).map(([name, value]) => [name, String(value)])));
});
afterAll(() => api.close());

interface Connection {
  socket: Socket;
  text: string;
  endedAt?: number;
}

/** A connection, what came over it, and when the server ended it. */
async function open(): Promise<Connection> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  const connection: Connection = { socket, text: "" };
  socket.on("data", (chunk) => {
    connection.text += chunk;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    connection.endedAt = performance.now();
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  return connection;
}

const HEAD = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
const answersIn = ({ text }: Connection) => text.split("HTTP/1.1 200 OK").length - 1;

test.each([
  ["headers", HEAD, HEADERS_TIMEOUT_MS],
  [
    "body",
    () =>
      `POST /v1/PushNotifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic(api.account)}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    RECEIVE_TIMEOUT_MS,
  ],
])(
  "a client that does not come to the end of its %s is cut off with 408 within a second of its time",
  async (_what, head, timeoutMs) => {
    const beganAt = performance.now();
    const connection = await open();
    connection.socket.write(typeof head === "string" ? head : head());
    await until(() => connection.endedAt !== undefined);
    expect(connection.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(connection.text).toContain('"code":"request-timeout"');
    const tookMs = (connection.endedAt ?? 0) - beganAt;
    expect(tookMs).toBeGreaterThanOrEqual(timeoutMs - 10);
    expect(tookMs).toBeLessThan(timeoutMs + patient(1_000));
  },
);

test("a connection that was idle for longer than a request may take has its next one answered, and is closed in the end", async () => {
  const connection = await open();
  connection.socket.write(`${HEAD}\r\n`);
  await until(() => answersIn(connection) === 1);
  const answeredAt = performance.now();
  expect(connection.text).toContain(`Keep-Alive: timeout=${KEEP_ALIVE_SECONDS}`);
  await until(() => performance.now() - answeredAt > RECEIVE_TIMEOUT_MS + 600);
  connection.socket.write(`${HEAD}\r\n`);
  await until(() => answersIn(connection) === 2);
  const againAt = performance.now();
  await until(() => connection.endedAt !== undefined);
  expect((connection.endedAt ?? 0) - againAt).toBeGreaterThanOrEqual(KEEP_ALIVE_SECONDS * 1_000 - 50);
});
