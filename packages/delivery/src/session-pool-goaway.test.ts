import { freePort, patient, until } from "@fanfare/testkit";
import { openNodeHttp2Session } from "./node-http2-session.js";
import type { PushReply, PushSession } from "./push-session.js";
import { createRotatingLookup } from "./rotating-lookup.js";
import { createSessionPool } from "./session-pool.js";
import { type FramePeer, type FramePeerScript, MAX_STREAM, startFramePeer } from "./testing/frame-peer.js";
import { Setting } from "./testing/frames.js";
import { selfSignedCertificate } from "./testing/tls-server.js";

/** RFC 9113, section 7. */
const REFUSED_STREAM = 7;

let tls: { cert: string; key: string };
let close: () => Promise<unknown>;
beforeAll(async () => {
  tls = await selfSignedCertificate();
});
afterEach(() => close());

async function poolTo(
  script: FramePeerScript,
  options: { pingIdleMs?: number; pingTimeoutMs?: number; requestTimeoutMs?: number } = {},
  maxWaitMs = patient(10_000),
) {
  const peer: FramePeer = await startFramePeer(tls, script);
  const pool = createSessionPool({
    open: (events) => openNodeHttp2Session({ origin: peer.origin, ca: tls.cert, ...options }, events),
    maxWaitMs,
  });
  close = async () => {
    await Promise.all([pool.close(), peer.close()]);
  };
  const count = { sent: 0, settled: 0 };
  const send = () =>
    new Promise<PushReply>((resolve) => {
      count.sent++;
      pool.send({ path: "/3/device/x", headers: {}, body: Buffer.from("{}") }, (reply) => {
        count.settled++;
        resolve(reply);
      });
    });
  return { pool, peer, send, count };
}

test("a thousand GOAWAYs: every request is answered, once", async () => {
  let goaways = 0;
  const { peer, send, count } = await poolTo({
    onRequest(connection, stream) {
      // Each connection says GOAWAY at its fifth request, and answers what came until then.
      if (connection.requests.length === 5 && goaways < 1_000) {
        goaways++;
        connection.goaway(stream);
      }
      if (connection.requests.length <= 5 || goaways >= 1_000) connection.answer(stream);
    },
  });
  const wrong: PushReply[] = [];
  const sender = async () => {
    while (goaways < 1_000) {
      const reply = await send();
      if (reply.kind !== "answered") wrong.push(reply);
    }
  };
  await Promise.all(Array.from({ length: 10 }, sender));
  expect(wrong).toEqual([]);
  expect(goaways).toBe(1_000);
  expect(count.sent).toBeGreaterThanOrEqual(5_000);
  expect(count.settled).toBe(count.sent);
  expect(peer.connections.length).toBeGreaterThanOrEqual(1_000);
});

test("after GOAWAY the very next request is answered on a new connection", async () => {
  const { peer, send } = await poolTo({ onRequest: (connection, stream) => connection.answer(stream) });
  expect(await send()).toMatchObject({ kind: "answered" });
  peer.connections[0]?.goaway(1);
  expect(await send()).toMatchObject({ kind: "answered" });
  expect(peer.connections).toHaveLength(2);
});

test("the first push after a long idle is answered though the peer went without a word", async () => {
  const { pool, peer, send } = await poolTo(
    { onRequest: (connection, stream) => connection.answersPings && connection.answer(stream) },
    { pingIdleMs: 300, pingTimeoutMs: patient(500) },
  );
  expect(await send()).toMatchObject({ kind: "answered" });
  const [idle] = peer.connections;
  if (idle) idle.answersPings = false;
  await until(() => pool.stats().sessions === 0);
  expect(await send()).toMatchObject({ kind: "answered" });
  expect(peer.connections).toHaveLength(2);
});

test("streams that a peer refuses are sent again, and no attempt is lost", async () => {
  const refused = new Set<number>();
  const { send } = await poolTo({
    onRequest(connection, stream) {
      if (refused.size < 20 && stream % 3 === 0) {
        refused.add(stream);
        connection.reset(stream, 7);
      } else {
        connection.answer(stream);
      }
    },
  });
  const replies = await Promise.all(Array.from({ length: 200 }, send));
  expect(replies.every(({ kind }) => kind === "answered")).toBe(true);
  expect(refused.size).toBeGreaterThan(5);
});

test("streams above GOAWAY's last id are sent again, those below wait for their answers", async () => {
  const { peer, send } = await poolTo({
    onRequest: (connection, stream) => connection !== peer.connections[0] && connection.answer(stream),
  });
  const replies = Array.from({ length: 4 }, send);
  await until(() => peer.connections[0]?.requests.length === 4);
  const [held] = peer.connections;
  const [first = 0, second = 0] = held?.requests ?? [];
  held?.goaway(second);
  expect((await Promise.all(replies.slice(2))).map(({ kind }) => kind)).toEqual(["answered", "answered"]);
  expect(peer.connections[1]?.requests).toHaveLength(2);
  let early = 0;
  for (const reply of replies.slice(0, 2)) void reply.then(() => early++);
  await send();
  expect(early).toBe(0);
  held?.answer(first);
  held?.answer(second);
  expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(Array(4).fill("answered"));
});

test.each([true, false])(
  "a session that refuses every stream is left, whether it said GOAWAY (%s) or not",
  async (says) => {
    const { peer, send } = await poolTo({
      onRequest(connection, stream) {
        if (connection !== peer.connections[0]) return connection.answer(stream);
        if (says && connection.requests.length === 1) connection.goaway(MAX_STREAM);
        connection.reset(stream, REFUSED_STREAM);
      },
    });
    await until(async () => (await send()).kind === "answered");
    expect(await send()).toMatchObject({ kind: "answered" });
    expect(peer.connections).toHaveLength(2);
  },
);

test.each([0, 1, 100])(
  "every send is settled within its deadline, though the peer takes %d at once and answers none",
  async (most) => {
    const settings = { [Setting.MAX_CONCURRENT_STREAMS]: most };
    const { send, count } = await poolTo({ settings }, { requestTimeoutMs: 300 }, 200);
    const startedAt = performance.now();
    const replies = await Promise.all(Array.from({ length: 50 }, send));
    expect(performance.now() - startedAt).toBeLessThan(patient(3_000));
    expect(replies.map(({ kind }) => kind)).not.toContain("answered");
    expect(count.settled).toBe(50);
  },
);

test("sessions are spread over the addresses of the host, resolved anew for each", async () => {
  const script: FramePeerScript = { onRequest: (connection, stream) => connection.answer(stream) };
  const port = await freePort();
  const first = await startFramePeer(tls, script, { host: "127.0.0.1", port });
  const second = await startFramePeer(tls, script, { host: "127.0.0.2", port });
  let resolved = 0;
  const lookup = createRotatingLookup((_hostname, _options, callback) => {
    resolved++;
    callback(null, [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ]);
  });
  const sessions: PushSession[] = [];
  close = () => Promise.all([...sessions.map((session) => session.close()), first.close(), second.close()]);
  for (let session = 0; session < 4; session++) {
    const options = { origin: first.origin, ca: tls.cert, lookup };
    sessions.push(await openNodeHttp2Session(options, { onChange: () => undefined }));
  }
  expect([first, second].map(({ connections }) => connections.length)).toEqual([2, 2]);
  expect(resolved).toBe(4);
});
