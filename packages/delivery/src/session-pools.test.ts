import { jest } from "@jest/globals";
import type { SessionEvents } from "./push-session.js";
import { createSessionPools, type SessionOwner, type SessionPools } from "./session-pools.js";
import { FakeSession } from "./testing/fake-session.js";
import { stopClock } from "./testing/stopped-clock.js";

/** Each session that was opened, with the origin that it is to. */
let opened: { origin: string; session: FakeSession }[];
let told: object[];
let pools: SessionPools;

beforeEach(() => {
  stopClock();
  opened = [];
  told = [];
  pools = createSessionPools({
    provider: "FCM",
    async openSession({ origin }: { origin: string }, events: SessionEvents) {
      const session = new FakeSession(events, 2);
      opened.push({ origin, session });
      return session;
    },
    ...{ requestTimeoutMs: 10_000, pingIdleMs: 60_000, maxSessions: 1 },
    log: { info: (fields) => told.push(fields), warn: (fields) => told.push(fields) },
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await pools.close();
  jest.useRealTimers();
});

const owner = (key: string): SessionOwner => ({ key, names: { projectId: key } });
const origins = ["https://a.example", "https://b.example"] as const;
const request = { path: "/", headers: {}, body: new Uint8Array() };

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

/** Sends a request, and waits until a session has it. */
async function send(key: string, origin: string): Promise<void> {
  pools
    .of(owner(key))
    .senderTo(origin)
    .send(request, () => undefined);
  await settled();
}

test("each origin and owner has sessions of its own, which all of the owner's holders share", async () => {
  for (const key of ["one", "other"]) for (const origin of origins) await send(key, origin);
  expect(opened.map(({ origin }) => origin)).toEqual([...origins, ...origins]);
  await send("one", origins[0]);
  expect(opened).toHaveLength(4);
  expect(opened.map(({ session }) => session.pending)).toEqual([2, 1, 1, 1]);
});

test("an owner whose requests are not answered keeps no other one's from being sent", async () => {
  for (let index = 0; index < 5; index++) await send("silent", origins[0]);
  await send("other", origins[0]);
  expect(opened.map(({ session }) => session.pending)).toEqual([2, 1]);
});

test("what is said of a connection has the owner's names", async () => {
  await send("one", origins[0]);
  expect(told).toMatchObject([{ provider: "FCM", origin: origins[0], projectId: "one", sessions: 1 }]);
});

test("the sessions that nobody holds are closed after a while, and made anew when they are wanted", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask"] });
  const held = [pools.of(owner("one")), pools.of(owner("one"))];
  for (const one of held) one.senderTo(origins[0]).send(request, () => undefined);
  await settled();
  const [first] = opened;
  held[0]?.release();
  await jest.advanceTimersByTimeAsync(120_000);
  expect(first?.session.state).toBe("open");
  held[1]?.release();
  await jest.advanceTimersByTimeAsync(59_000);
  expect(first?.session.state).toBe("open");
  await jest.advanceTimersByTimeAsync(1_000);
  await settled();
  expect(first?.session.state).toBe("closed");
  await send("one", origins[0]);
  expect(opened).toHaveLength(2);
});
