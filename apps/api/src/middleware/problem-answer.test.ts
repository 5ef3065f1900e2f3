import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { problemAnswer } from "./problem-answer.js";
import { requestId } from "./request-id.js";

let server: Server;
let url: string;
let thrown: unknown;
const logged: string[] = [];
const tell = (_fields: object, message: string) => void logged.push(message);
beforeAll(async () => {
  const app = express();
  app.use(requestId);
  app.all("/throws", () => {
    throw thrown;
  });
  app.post("/body", express.json({ limit: 20 }), (_req, res) => void res.end());
  app.get("/files/:name", (_req, res) => void res.end());
  app.use(problemAnswer({ error: tell, warn: tell, debug: () => undefined }));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function answerOf(path: string, init?: RequestInit) {
  const res = await fetch(`${url}${path}`, init);
  const { status, code } = (await res.json()) as { status: number; code: string };
  expect(status).toBe(res.status);
  return `${status} ${code}`;
}

const withStatus = (fields: object) => Object.assign(new Error("something that is no business of a client's"), fields);

test.each([
  [{ status: 400 }, "400 malformed-json"],
  [{ statusCode: 400, code: "Z_DATA_ERROR" }, "400 malformed-json"],
  [{ status: 404 }, "404 not-found"],
  [{ status: 413 }, "413 body-too-large"],
  [{ status: 415 }, "415 unsupported-media-type"],
  [{ status: 408 }, "400 invalid-request"],
  [{ statusCode: 416, expose: true }, "400 invalid-request"],
  [{ status: 499 }, "400 invalid-request"],
])("an error that says of itself %j is the client's fault", async (fields, answer) => {
  thrown = withStatus(fields);
  logged.length = 0;
  expect(await answerOf("/throws")).toBe(answer);
  expect(logged).toEqual([]);
});

test.each([{}, { status: 500 }, { status: 200 }, { status: "400" }, { statusCode: 503 }])(
  "one that says %j is ours, and is logged",
  async (fields) => {
    thrown = withStatus(fields);
    logged.length = 0;
    expect(await answerOf("/throws")).toBe("500 internal-error");
    expect(logged).toEqual(["Internal error"]);
  },
);

test("what is no error at all is ours too", async () => {
  thrown = { status: 400 };
  expect(await answerOf("/throws")).toBe("500 internal-error");
});

test.each([
  ["gzip", "not compressed", "400 malformed-json"],
  ["deflate", "not compressed", "400 malformed-json"],
  ["br", "not compressed", "400 malformed-json"],
  ["identity", "{", "400 malformed-json"],
  ["identity", JSON.stringify("x".repeat(30)), "413 body-too-large"],
  ["compress", "{}", "415 unsupported-media-type"],
])("a body that says %s and is %s is answered as what it is", async (encoding, body, answer) => {
  const headers = { "content-type": "application/json", "content-encoding": encoding };
  expect(await answerOf("/body", { method: "POST", headers, body })).toBe(answer);
});

test("a path that is no UTF-8 is a 404", async () => {
  expect(await answerOf("/files/%ff")).toBe("404 not-found");
});
