import {
  type PushReply,
  type PushSession,
  SessionConnectError,
  type SessionEvents,
  type Settle,
} from "./push-session.js";
import { createSessionPool, type SessionPool } from "./session-pool.js";

/** A session in memory that answers when it is told to. */
class FakeSession implements PushSession {
  state: PushSession["state"] = "open";
  waiting: Settle[] = [];
  readonly events: SessionEvents;
  readonly streams: number;

  constructor(events: SessionEvents, streams: number) {
    this.events = events;
    this.streams = streams;
  }

  get pending() {
    return this.waiting.length;
  }
  get freeStreams() {
    return this.state === "open" ? this.streams - this.waiting.length : 0;
  }
  send(_request: unknown, settle: Settle) {
    this.waiting.push(settle);
  }
  answerAll(reply: PushReply = { kind: "answered", status: 200, headers: {}, body: Buffer.alloc(0) }) {
    for (const settle of this.waiting.splice(0)) settle(reply);
    this.events.onChange();
  }
  drain() {
    this.state = "draining";
    this.events.onChange();
  }
  async close() {
    this.answerAll();
    this.destroy();
  }
  destroy() {
    this.state = "closed";
    this.events.onChange();
  }
}

let sessions: FakeSession[];
let pool: SessionPool;

function openPool(options: { streams?: number; maxSessions?: number; maxWaitMs?: number; fail?: () => boolean } = {}) {
  sessions = [];
  pool = createSessionPool({
    maxSessions: options.maxSessions ?? 2,
    maxWaitMs: options.maxWaitMs ?? 10_000,
    async open(events) {
      if (options.fail?.()) throw new SessionConnectError("ECONNREFUSED");
      const session = new FakeSession(events, options.streams ?? 2);
      sessions.push(session);
      return session;
    },
  });
}

const request = { path: "/", headers: {}, body: new Uint8Array() };
const send = () => new Promise<PushReply>((resolve) => pool.send(request, resolve));
const settled = () => new Promise((resolve) => setImmediate(resolve));
afterEach(() => pool.close());

test("no session is opened before there is a request", async () => {
  openPool();
  await settled();
  expect(sessions).toHaveLength(0);
});

test("requests wait in order for a free stream, and sessions are added up to the limit", async () => {
  openPool({ streams: 2, maxSessions: 2 });
  const replies = Array.from({ length: 6 }, send);
  await settled();
  await settled();
  expect(sessions.map(({ pending }) => pending)).toEqual([2, 2]);
  expect(pool.stats()).toMatchObject({ sessions: 2, pending: 4, waiting: 2 });
  sessions[0]?.answerAll();
  expect(sessions[0]?.pending).toBe(2);
  for (const session of sessions) session.answerAll();
  expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(Array(6).fill("answered"));
});

test("a session that drains is replaced, and gets no more requests", async () => {
  openPool({ maxSessions: 1 });
  void send();
  await settled();
  sessions[0]?.drain();
  const second = send();
  await settled();
  expect(sessions).toHaveLength(2);
  expect(sessions[0]?.pending).toBe(1);
  sessions[1]?.answerAll();
  expect((await second).kind).toBe("answered");
});

test("what a session did not process is sent again at once, a bounded number of times", async () => {
  openPool({ maxSessions: 1 });
  const reply = send();
  await settled();
  for (let time = 0; time < 4; time++) sessions[0]?.answerAll({ kind: "not-processed", code: "REFUSED_STREAM" });
  expect(sessions[0]?.pending).toBe(1);
  sessions[0]?.answerAll({ kind: "not-processed", code: "REFUSED_STREAM" });
  expect(await reply).toEqual({ kind: "not-processed", code: "REFUSED_STREAM" });
});

test("an unknown outcome is told, and never sent again by the pool", async () => {
  openPool();
  const reply = send();
  await settled();
  sessions[0]?.answerAll({ kind: "unknown", code: "TIMEOUT" });
  expect(await reply).toEqual({ kind: "unknown", code: "TIMEOUT" });
  expect(sessions[0]?.pending).toBe(0);
});

test("with the provider away requests wait for a bound, then are told why, and the next try finds it back", async () => {
  let away = true;
  openPool({ maxWaitMs: 100, fail: () => away });
  expect(await send()).toEqual({ kind: "not-processed", code: "ECONNREFUSED" });
  expect(pool.stats().lastConnectError).toBe("ECONNREFUSED");
  away = false;
  const reply = send();
  while (!sessions[0]?.pending) await settled();
  sessions[0]?.answerAll();
  expect((await reply).kind).toBe("answered");
});

test("closing settles what waits as not processed and lets what is pending finish", async () => {
  openPool({ streams: 1, maxSessions: 1 });
  const [pending, waiting] = [send(), send()];
  await settled();
  await pool.close();
  expect((await pending).kind).toBe("answered");
  expect(await waiting).toEqual({ kind: "not-processed", code: "CLOSED" });
  expect(await send()).toEqual({ kind: "not-processed", code: "CLOSED" });
});
