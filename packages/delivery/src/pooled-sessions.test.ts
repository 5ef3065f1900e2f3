import { jest } from "@jest/globals";
import { createPooledSessions } from "./pooled-sessions.js";
import type { PushReply } from "./push-session.js";
import { FakeSession } from "./testing/fake-session.js";
import { stopClock } from "./testing/stopped-clock.js";

const request = { path: "/", headers: {}, body: Buffer.alloc(0) };
const ANSWER: PushReply = { kind: "answered", status: 200, headers: {}, body: Buffer.alloc(0) };
const REFUSED: PushReply = { kind: "not-processed", code: "REFUSED_STREAM" };

function aSet({
  idleCloseMs = 1_000,
  retireAfter = () => false,
}: {
  idleCloseMs?: number;
  retireAfter?: (reply: PushReply) => boolean;
} = {}) {
  const told: string[] = [];
  const set = createPooledSessions({
    ...{ idleCloseMs, retireAfter },
    onServed: () => void told.push("served"),
    onEndedUnanswered: () => void told.push("ended unanswered"),
  });
  const add = (streams: number) => {
    const session = new FakeSession({ onChange: () => set.review() }, streams);
    set.add(session);
    return session;
  };
  const replies: PushReply[] = [];
  const send = () => set.freest()?.send(request, (reply) => void replies.push(reply), performance.now());
  return { set, add, told, send, replies };
}

beforeEach(stopClock);
afterEach(() => void jest.useRealTimers());

test("the session with the most free streams is the next, and none without any", () => {
  const { set, add, send } = aSet();
  const [small, large] = [add(1), add(3)];
  for (let sent = 0; sent < 4; sent++) send();
  expect([small.pending, large.pending, set.pending]).toEqual([1, 3, 4]);
  expect(set.freest()).toBeUndefined();
});

test("the first answer of each session says that the peer serves, and its end says so again", () => {
  const { set, add, told, send } = aSet();
  const first = add(2);
  send();
  send();
  first.answerAll(ANSWER);
  expect(told).toEqual(["served"]);
  first.destroy();
  expect(told).toEqual(["served", "served"]);
  expect(set.size).toBe(0);
});

test("one that ends without any answer is told once, though it drains first", () => {
  const { set, add, told, send } = aSet();
  const session = add(1);
  send();
  session.drain();
  expect([set.size, set.open]).toEqual([1, 0]);
  session.destroy();
  expect([told, set.size]).toEqual([["ended unanswered"], 0]);
});

test("one that only refuses streams is closed after a second; one that answers in between is not", () => {
  const { add, send } = aSet();
  const session = add(1);
  const refuse = (reply: PushReply) => {
    send();
    session.answerAll(reply);
    jest.advanceTimersByTime(600);
  };
  for (const reply of [REFUSED, REFUSED, ANSWER, REFUSED, REFUSED]) refuse(reply);
  expect(session.state).toBe("open");
  refuse(REFUSED);
  expect(session.state).toBe("closed");
});

test("one that is of no use after a reply takes no more, and the reply is told", () => {
  const { set, add, send, replies } = aSet({
    retireAfter: (reply) => reply.kind === "answered" && reply.status === 403,
  });
  const session = add(2);
  send();
  session.answerAll({ ...ANSWER, status: 403 });
  expect([session.state, replies.length, set.freest()]).toEqual(["closed", 1, undefined]);
});

test("an answer after which a session is of no use is none: one that brought no other has served nobody", () => {
  const isUseless = (reply: PushReply) => reply.kind === "answered" && reply.status === 403;
  const { add, told, send } = aSet({ retireAfter: isUseless });
  const useless = add(1);
  send();
  useless.answerAll({ ...ANSWER, status: 403 });
  expect(told).toEqual(["ended unanswered"]);
  const served = add(1);
  send();
  served.answerAll(ANSWER);
  send();
  served.answerAll({ ...ANSWER, status: 403 });
  expect(told).toEqual(["ended unanswered", "served", "served"]);
});

test("one that has answered nothing for as long as a request may take is replaced; one that answers others is not", () => {
  const { add, send } = aSet();
  const session = add(2);
  const timeOut: PushReply = { kind: "unknown", code: "TIMEOUT" };
  send();
  jest.advanceTimersByTime(500);
  send();
  const [first, second] = session.waiting.splice(0);
  second?.(ANSWER);
  jest.advanceTimersByTime(500);
  first?.(timeOut);
  expect(session.state).toBe("open");
  jest.advanceTimersByTime(500);
  send();
  jest.advanceTimersByTime(1_000);
  session.waiting.splice(0)[0]?.(timeOut);
  expect(session.state).not.toBe("open");
});

test.each([
  ["at once", 100, ["ended unanswered"]],
  ["after a long time", 10_001, []],
])("one that was asked nothing and is closed by its peer %s", (_when, ms, expected) => {
  const { add, told } = aSet();
  const session = add(1);
  jest.advanceTimersByTime(ms);
  session.destroy();
  expect(told).toEqual(expected);
});

test("those that take nothing are closed when that is asked for, those that have something to do are not", () => {
  const { set, add, send } = aSet();
  const [busy, full] = [add(1), add(0)];
  send();
  set.closeUnused();
  expect([busy.state, full.state]).toEqual(["open", "closed"]);
});

test("those that nothing needs are closed but one, which is no failure", () => {
  const { set, add, told, send } = aSet();
  const [busy] = [add(2), add(1), add(1)];
  send();
  jest.advanceTimersByTime(1_001);
  set.closeIdle(performance.now());
  expect([busy.state, set.size]).toEqual(["open", 1]);
  expect(told).toEqual([]);
});

test("the close closes each", async () => {
  const { set, add } = aSet();
  const sessions = [add(1), add(1)];
  await set.close();
  expect(sessions.map(({ state }) => state)).toEqual(["closed", "closed"]);
});
