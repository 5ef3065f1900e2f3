import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import { AppError } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { jsonBody } from "./json-body.js";
import { limitInFlight } from "./limit-in-flight.js";

const BODY_LIMIT = 1_000;

/** A server whose requests are answered when the test says so; `first` sees them before they are counted. */
async function aServer(
  limits: { requests: number; bytes: number },
  first: RequestHandler = (_req, _res, next) => next(),
) {
  const open: (() => unknown)[] = [];
  const app = express();
  const read = jsonBody(BODY_LIMIT, limitInFlight(limits));
  // Whoever answers all that is open may come to one that was answered.
  app.post("/", first, ...read, (_req, res) => void open.push(() => res.writableEnded || res.end("done")));
  const refuse: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error instanceof AppError ? error.status : 500).end();
  };
  app.use(refuse);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = (
    body: number | NonNullable<RequestInit["body"]>,
    options: { signal?: AbortSignal; headers?: Record<string, string> } = {},
  ) =>
    fetch(url, {
      ...{ method: "POST", duplex: "half", signal: options.signal ?? null },
      body: typeof body === "number" ? "1".padEnd(body) : body,
      headers: { "content-type": "application/json", ...options.headers },
    } as RequestInit).then(({ status }) => status);
  const taken = (count: number) => until(() => open.length >= count, { intervalMs: 1 });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, post, open, taken, close };
}

test("requests beyond those that are taken at once are refused, and taken again when one is answered", async () => {
  const { post, open, taken, close } = await aServer({ requests: 2, bytes: 10_000 });
  const held = [post(1), post(1)];
  await taken(2);
  expect(await post(1)).toBe(503);
  for (const answer of open.splice(0)) answer();
  expect(await Promise.all(held)).toEqual([200, 200]);
  const next = post(1);
  await taken(1);
  open[0]?.();
  expect(await next).toBe(200);
  close();
});

test("bodies beyond the bytes that are taken at once are refused, small ones beside them are not", async () => {
  const { post, open, taken, close } = await aServer({ requests: 10, bytes: 1_500 });
  const large = post(1_000);
  await taken(1);
  expect(await post(600)).toBe(503);
  const small = post(400);
  await taken(2);
  for (const answer of open) answer();
  expect(await Promise.all([large, small])).toEqual([200, 200]);
  close();
});

test("a compressed body counts as what it becomes", async () => {
  const { post, open, taken, close } = await aServer({ requests: 10, bytes: 1_500 });
  const compressed = post(gzipSync("1".padEnd(1_000)), { headers: { "content-encoding": "gzip" } });
  await taken(1);
  expect(await post(600)).toBe(503);
  open[0]?.();
  expect(await compressed).toBe(200);
  close();
});

test("a body that is not known to be too much is refused when it becomes that", async () => {
  const { post, open, taken, close } = await aServer({ requests: 10, bytes: 1_500 });
  const large = post(1_000);
  await taken(1);
  expect(await post(inPieces("1".padEnd(400), " ".repeat(400)))).toBe(503);
  expect(await post(gzipSync("1".padEnd(800)), { headers: { "content-encoding": "gzip" } })).toBe(503);
  const small = post(inPieces("1".padEnd(200), " ".repeat(200)));
  await taken(2);
  for (const answer of open) answer();
  expect(await Promise.all([large, small])).toEqual([200, 200]);
  close();
});

test("bodies that are announced and do not come keep nobody else out", async () => {
  const { post, open, taken, close } = await aServer({ requests: 2, bytes: 1_500 });
  const gone = new AbortController();
  const begun: Promise<unknown>[] = [];
  for (let count = 0; count < 10; count++) {
    const body = inPieces("1", new Promise<never>(() => undefined));
    begun.push(post(body, { signal: gone.signal }).catch(() => "gone"));
  }
  const held = [post(700), post(700)];
  await taken(2);
  for (const answer of open) answer();
  expect(await Promise.all(held)).toEqual([200, 200]);
  gone.abort();
  expect(await Promise.all(begun)).toEqual(begun.map(() => "gone"));
  close();
});

test("requests that wait behind another on a connection that ends take up no place", async () => {
  const { url, post, open, taken, close } = await aServer({ requests: 3, bytes: 10_000 });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const request = `POST / HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1`;
  socket.write(request.repeat(3));
  await taken(3);
  expect(await post(1)).toBe(503);
  socket.destroy();
  const answering = setInterval(() => open.at(-1)?.(), 5);
  let status = 503;
  while (status === 503) status = await post(1);
  clearInterval(answering);
  const held = [post(1), post(1), post(1)];
  await taken(open.length + 3);
  for (const answer of open) answer();
  expect(await Promise.all(held)).toEqual([200, 200, 200]);
  close();
});

/** A body of no known length, in pieces of which the next is sent when the one before is taken. */
function inPieces(...pieces: (string | Promise<string>)[]): NonNullable<RequestInit["body"]> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const piece = await pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
  });
}

test("a client that goes away before its answer takes up no place", async () => {
  const { post, open, taken, close } = await aServer({ requests: 1, bytes: 10_000 });
  const gone = new AbortController();
  const aborted = post(1, { signal: gone.signal }).catch(() => "gone");
  await taken(1);
  gone.abort();
  expect(await aborted).toBe("gone");
  let status = 503;
  const answering = setInterval(() => open.at(-1)?.(), 5);
  while (status === 503) status = await post(1);
  clearInterval(answering);
  expect(status).toBe(200);
  close();
});

test("a client that went away before it was counted takes up no place", async () => {
  const gone = new AbortController();
  let isKept = true;
  let passedOn = 0;
  // As long as it takes to find out who asks.
  const { post, open, close } = await aServer({ requests: 1, bytes: 10_000 }, (_req, res, next) => {
    if (!isKept) return next();
    res.once("close", () => {
      passedOn++;
      next();
    });
    gone.abort();
  });
  expect(await post(1, { signal: gone.signal }).catch(() => "gone")).toBe("gone");
  await until(() => passedOn === 1);
  isKept = false;
  const answering = setInterval(() => open.at(-1)?.(), 5);
  const status = await post(1);
  clearInterval(answering);
  close();
  expect(status).toBe(200);
});
