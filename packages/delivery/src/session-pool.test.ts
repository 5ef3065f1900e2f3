import { jest } from "@jest/globals";
import { type PushReply, SessionConnectError } from "./push-session.js";
import { createSessionPool, type SessionPool } from "./session-pool.js";
import { FakeSession } from "./testing/fake-session.js";
import { stopClock } from "./testing/stopped-clock.js";

let sessions: FakeSession[];
let pool: SessionPool;

interface PoolTestOptions {
  streams?: number;
  maxSessions?: number;
  maxWaitMs?: number;
  idleCloseMs?: number;
  fail?: () => boolean;
  retireAfter?: (reply: PushReply) => boolean;
}

function openPool(options: PoolTestOptions = {}) {
  sessions = [];
  pool = createSessionPool({
    maxSessions: options.maxSessions ?? 2,
    maxWaitMs: options.maxWaitMs ?? 10_000,
    idleCloseMs: options.idleCloseMs ?? 3_600_000,
    ...(options.retireAfter && { retireAfter: options.retireAfter }),
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

/** Lets time pass, and what it brings about happen. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    jest.advanceTimersByTime(STEP_MS);
    await settled();
  }
}
const STEP_MS = 10;

beforeEach(stopClock);
afterEach(async () => {
  await pool.close();
  jest.useRealTimers();
});

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

test("a request that many sessions in a row take no more is sent on the next one", async () => {
  openPool({ streams: 1, maxSessions: 8 });
  const before = Array.from({ length: 8 }, send);
  for (let opened = 0; opened < 8; opened++) await settled();
  for (const session of sessions) session.answerAll();
  await Promise.all(before);
  const reply = send();
  for (const session of sessions.slice()) {
    expect(session.pending).toBe(1);
    session.state = "draining";
    session.answerAll({ kind: "not-processed", code: "DRAINING" });
  }
  await settled();
  expect(sessions).toHaveLength(9);
  sessions[8]?.answerAll();
  expect((await reply).kind).toBe("answered");
});

test("what is not wanted any more when its turn comes is not sent, and holds up nothing", async () => {
  openPool({ streams: 1, maxSessions: 1 });
  const first = send();
  await settled();
  let wanted = true;
  const given = Array.from({ length: 3 }, () => {
    const ask = { ...request, isWanted: () => wanted };
    return new Promise<PushReply>((resolve) => pool.send(ask, resolve));
  });
  const last = send();
  wanted = false;
  sessions[0]?.answerAll();
  expect(await first).toMatchObject({ kind: "answered" });
  expect(await Promise.all(given)).toEqual(Array(3).fill({ kind: "not-processed", code: "NOT_WANTED" }));
  expect(sessions[0]?.pending).toBe(1);
  sessions[0]?.answerAll();
  expect(await last).toMatchObject({ kind: "answered" });
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
  const refused = send();
  await pass(300);
  expect(await refused).toEqual({ kind: "not-processed", code: "ECONNREFUSED" });
  expect(pool.stats().lastConnectError).toBe("ECONNREFUSED");
  away = false;
  const reply = send();
  await pass(300);
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

test("thousands that wait behind a session which settles at once overflow no stack", async () => {
  openPool({ streams: 1, maxSessions: 1 });
  const replies = Array.from({ length: 20_000 }, send);
  await settled();
  const [session] = sessions;
  if (!session) throw new Error("no session");
  session.send = (_request, settle) => settle({ kind: "not-processed", code: "NO_FREE_STREAM" });
  session.answerAll();
  const kinds = new Set((await Promise.all(replies)).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["answered", "not-processed"]));
});

test("thousands that a session answers before `send` returns are answered, though each is followed by another", async () => {
  openPool({ streams: 1, maxSessions: 1 });
  await Promise.all([send(), settled().then(() => sessions[0]?.answerAll())]);
  const [session] = sessions;
  if (!session) throw new Error("no session");
  session.send = (_request, settle) => settle({ kind: "answered", status: 200, headers: {}, body: Buffer.alloc(0) });
  let answered = 0;
  await new Promise<void>((resolve) => {
    const another = () => {
      answered++;
      if (answered < 20_000) pool.send(request, another);
      else resolve();
    };
    for (let sender = 0; sender < 100; sender++) pool.send(request, another);
  });
  expect(answered).toBeGreaterThanOrEqual(20_000);
});

test("a session whose reply says that it is of no use any more is replaced", async () => {
  openPool({ retireAfter: (reply) => reply.kind === "answered" && reply.status === 403 });
  const first = send();
  await settled();
  sessions[0]?.answerAll({ kind: "answered", status: 403, headers: {}, body: Buffer.alloc(0) });
  expect(await first).toMatchObject({ status: 403 });
  expect(sessions[0]?.state).not.toBe("open");
  const second = send();
  await settled();
  expect(sessions).toHaveLength(2);
  sessions[1]?.answerAll();
  expect(await second).toMatchObject({ status: 200 });
});

test("sessions beyond one are closed when nothing needs them, and the last one is kept", async () => {
  openPool({ streams: 1, maxSessions: 3, idleCloseMs: 300 });
  const replies = Array.from({ length: 3 }, send);
  await pass(100);
  expect(pool.stats().sessions).toBe(3);
  for (const session of sessions) session.answerAll();
  expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(Array(3).fill("answered"));
  await pass(100);
  expect(pool.stats().sessions).toBe(3);
  await pass(500);
  expect(pool.stats().sessions).toBe(1);
  await pass(3_000);
  expect(pool.stats().sessions).toBe(1);
});

test("sessions are opened one at a time and never more than the limit, though thousands wait", async () => {
  openPool({ streams: 1, maxSessions: 3 });
  const replies = Array.from({ length: 2_000 }, send);
  await pass(100);
  expect(pool.stats().sessions).toBe(3);
  let done = false;
  void Promise.all(replies).then(() => {
    done = true;
  });
  while (!done) {
    for (const session of sessions) session.answerAll();
    await settled();
  }
  expect(sessions).toHaveLength(3);
});

test("a peer that takes connections and serves none is tried ever less often, and found back", async () => {
  openPool({ maxSessions: 1, maxWaitMs: 60_000 });
  const reply = send();
  let drained = 0;
  await settled();
  for (let passed = 0; passed < 1_500; passed += STEP_MS) {
    const session = sessions[drained];
    if (session?.pending) {
      drained++;
      session.state = "draining";
      session.answerAll({ kind: "not-processed", code: "GOAWAY" });
      session.destroy();
    }
    await pass(STEP_MS);
  }
  expect(drained).toBeGreaterThan(2);
  expect(drained).toBeLessThan(8);
  await pass(3_000);
  expect(sessions[drained]?.pending).toBe(1);
  sessions[drained]?.answerAll();
  expect((await reply).kind).toBe("answered");
});

test("a request that no session takes is told so in time, though sessions are open", async () => {
  openPool({ streams: 0, maxSessions: 1, maxWaitMs: 100 });
  const reply = send();
  await pass(300);
  expect(await reply).toEqual({ kind: "not-processed", code: "NO_FREE_STREAM" });
});

test("what GOAWAY left over is sent again before what waits, and not for ever", async () => {
  openPool({ streams: 1, maxSessions: 1, maxWaitMs: 300 });
  const [first, second] = [send(), send()];
  await settled();
  for (let passed = 0; passed < 400; passed += STEP_MS) {
    sessions[0]?.answerAll({ kind: "not-processed", code: "GOAWAY" });
    await pass(STEP_MS);
  }
  expect(await first).toEqual({ kind: "not-processed", code: "GOAWAY" });
  expect(sessions[0]?.pending).toBe(1);
  sessions[0]?.answerAll();
  expect((await second).kind).toBe("answered");
});
