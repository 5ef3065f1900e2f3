import { openFanfareHttp2Session } from "./fanfare-http2-session.js";
import type { PushReply, PushSession } from "./push-session.js";
import { createSessionPool } from "./session-pool.js";
import { type InteropServer, interopServers } from "./testing/interop-servers.js";
import { selfSignedCertificate } from "./testing/tls-server.js";

const REQUESTS = 2_000;

describe.each(interopServers(Boolean(process.env.CI)))("Fanfare's HTTP/2 client with $name", ({ name, start }) => {
  let tls: { cert: string; key: string };
  let server: InteropServer;
  beforeAll(async () => {
    tls = await selfSignedCertificate();
    server = await start(tls);
  });
  afterAll(() => server.stop());

  const open = () => openFanfareHttp2Session({ origin: server.origin, ca: tls.cert }, { onChange: () => undefined });

  /** A request of its own kind for each number, and what its answer is to be. */
  function makeRequest(number: number, bodyBytes: number) {
    const path = `/3/device/${number.toString(16).padStart(64, "0")}`;
    const body = Buffer.from(`${number} `.padEnd(bodyBytes, "x"));
    const headers = {
      authorization: "bearer aa.bb.cc",
      "content-type": "application/json",
      "apns-topic": "com.example.app",
      "apns-expiration": String(1_700_000_000 + Math.floor(number / 100)),
      "apns-id": `00000000-0000-4000-8000-${number.toString().padStart(12, "0")}`,
    };
    return { request: { path, headers, body }, expected: server.answersWith === "body" ? body.toString() : path };
  }

  function send(target: Pick<PushSession, "send">, number: number, bodyBytes = 200) {
    const { request, expected } = makeRequest(number, bodyBytes);
    return new Promise<{ reply: PushReply; expected: string }>((resolve) =>
      target.send(request, (reply) => resolve({ reply, expected })),
    );
  }

  const bodyOf = (reply: PushReply) => (reply.kind === "answered" ? reply.body.toString() : reply);

  test("each of thousands of requests at once gets its own answer, over as many connections as the server wants", async () => {
    let opened = 0;
    const pool = createSessionPool({
      open: (events) => {
        opened++;
        return openFanfareHttp2Session({ origin: server.origin, ca: tls.cert }, events);
      },
      maxSessions: 1,
    });
    const sent = Array.from({ length: REQUESTS }, (_, number) => send(pool, number));
    for (const { reply, expected } of await Promise.all(sent)) expect(bodyOf(reply)).toBe(expected);
    await pool.close();
    expect(opened).toBeGreaterThanOrEqual(REQUESTS / server.requestsOfConnection);
  });

  test("bodies of any size pass, and so do large answers", async () => {
    const session = await open();
    const sizes = [10, 16_383, 16_384, 16_385, 60_000];
    const sent = sizes.map((bytes, number) => send(session, number, bytes));
    for (const { reply, expected } of await Promise.all(sent)) expect(bodyOf(reply)).toBe(expected);
    await session.close();
  });

  test("an answer has its fields, whatever code and table the server has for them", async () => {
    const session = await open();
    const { reply } = await send(session, 1);
    const served = {
      "node:http2": { "x-served-by": "node" },
      nghttpd: { server: /^nghttpd/ },
      nginx: { server: /^nginx/ },
    };
    const [[field, value] = ["", ""]] = Object.entries(served[name as keyof typeof served]);
    expect(reply.kind === "answered" && reply.headers[field]).toMatch(value);
    expect(reply.kind === "answered" && reply.headers.date).toMatch(/GMT$/);
    await session.close();
  });

  test("a server that stops while requests are under way settles each of them", async () => {
    const own = await start(tls);
    const session = await openFanfareHttp2Session({ origin: own.origin, ca: tls.cert }, { onChange: () => undefined });
    const free = Math.min(100, session.freeStreams);
    expect(free).toBeGreaterThan(0);
    const sent = Array.from({ length: free }, (_, number) => send(session, number, 4_000));
    const stopped = own.stop();
    const replies = await Promise.all(sent);
    expect(replies).toHaveLength(free);
    await session.close();
    await stopped;
    expect(session.state).toBe("closed");
  });
});
