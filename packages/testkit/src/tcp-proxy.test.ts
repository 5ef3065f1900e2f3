import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.js";
import { until } from "./until.js";

let server: Server;
let received: string;
let proxy: TcpProxy;
let client: Socket;
let answers: string;
let ended: string | undefined;

beforeEach(async () => {
  received = "";
  answers = "";
  ended = undefined;
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      received += data;
      socket.write(`answer to ${data}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await startTcpProxy();
  proxy.pointTo((server.address() as AddressInfo).port);
  client = connect({ port: proxy.port, host: "127.0.0.1" });
  client.on("data", (data) => {
    answers += data;
  });
  client.on("error", (error: NodeJS.ErrnoException) => {
    ended = error.code;
  });
  client.write("one");
  await until(() => answers === "answer to one");
});

afterEach(() => {
  client.destroy();
  proxy.end();
  server.close();
});

test("over a stalled link nothing comes through until it is mended, and then all of it", async () => {
  proxy.set({ kind: "stall" });
  client.write("two");
  const other = connect({ port: proxy.port, host: "127.0.0.1" });
  other.on("error", () => undefined);
  await once(other, "connect");
  expect(received).toBe("one");
  proxy.set({ kind: "pass" });
  await until(() => answers === "answer to oneanswer to two");
  other.destroy();
});

test("a link may stall those alone who say something, from then on", async () => {
  proxy.set({ kind: "stall", whoSays: "please" });
  client.write("two");
  await until(() => answers === "answer to oneanswer to two");
  client.write("three please");
  client.write("four");
  const other = connect({ port: proxy.port, host: "127.0.0.1" });
  const answered = once(other, "data");
  other.write("five");
  expect(String((await answered)[0])).toContain("five");
  expect(received).not.toContain("three");
  proxy.set({ kind: "pass" });
  await until(() => received.includes("three pleasefour"));
  other.destroy();
});

test("over a link that loses answers the request arrives, and who waits for the answer is reset in the end", async () => {
  proxy.set({ kind: "loseAnswers" });
  client.write("two");
  await until(() => received === "onetwo");
  expect(answers).toBe("answer to one");
  proxy.set({ kind: "pass" });
  await until(() => ended === "ECONNRESET");
});

test("over a cut link connections are reset, the open ones and new ones", async () => {
  proxy.set({ kind: "cut" });
  await until(() => ended === "ECONNRESET");
  const other = connect({ port: proxy.port, host: "127.0.0.1" });
  await expect(once(other, "data")).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a slow link delays both directions", async () => {
  proxy.set({ kind: "delay", delayMs: 100 });
  const beganAt = performance.now();
  client.write("two");
  await until(() => answers === "answer to oneanswer to two");
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(195);
});
