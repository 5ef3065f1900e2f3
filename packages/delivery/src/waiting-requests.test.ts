import { jest } from "@jest/globals";
import type { PushReply } from "./push-session.js";
import { stopClock } from "./testing/stopped-clock.js";
import { createWaitingRequests } from "./waiting-requests.js";

const MAX_WAIT_MS = 1_000;
const REFUSED: PushReply = { kind: "not-processed", code: "REFUSED_STREAM" };

function aLine() {
  const line = createWaitingRequests(MAX_WAIT_MS);
  const settled: Record<string, PushReply> = {};
  const add = (path: string, isWanted?: () => boolean) =>
    line.add({ path, headers: {}, body: Buffer.alloc(0), isWanted }, (reply) => {
      expect(settled).not.toHaveProperty(path);
      settled[path] = reply;
    });
  const next = () => line.next()?.request.path;
  return { line, settled, add, next };
}

beforeEach(stopClock);
afterEach(() => void jest.useRealTimers());

test("what is not wanted any more when its turn comes is settled, and the next one has its turn", () => {
  const { line, settled, add, next } = aLine();
  add("a", () => false);
  add("b", () => true);
  add("c");
  expect([next(), next(), next()]).toEqual(["b", "c", undefined]);
  expect(settled).toEqual({ a: { kind: "not-processed", code: "NOT_WANTED" } });
  expect(line.size).toBe(0);
});

test("what is not wanted any more is let go wherever it stands, and the others keep their places", () => {
  const { line, settled, add, next } = aLine();
  let wanted = true;
  for (const path of ["a", "b", "c", "d"]) add(path, () => wanted || path === "a" || path === "c");
  const first = line.next();
  add("e");
  if (first) line.takeBack(first, REFUSED);
  line.dropUnwanted();
  expect(line.size).toBe(5);
  wanted = false;
  line.dropUnwanted();
  expect(Object.keys(settled)).toEqual(["b", "d"]);
  expect([next(), next(), next(), next()]).toEqual(["a", "c", "e", undefined]);
});

test("one that waited for too long is told why, counted from when the line moved", () => {
  const { line, settled, add } = aLine();
  add("a");
  jest.advanceTimersByTime(MAX_WAIT_MS);
  add("b");
  const now = performance.now();
  expect(line.giveUp(now + 1, now - 10, "ECONNREFUSED")).toBe(false);
  expect(settled).toEqual({});
  expect(line.giveUp(now + 1, 0, "ECONNREFUSED")).toBe(true);
  expect(settled).toEqual({ a: { kind: "not-processed", code: "ECONNREFUSED" } });
  expect(line.size).toBe(1);
});

test("what was not processed is taken back five times in all, and for as long as the line waits", () => {
  const { line, add } = aLine();
  add("a");
  const tries: boolean[] = [];
  for (let entry = line.next(); entry; entry = line.next()) tries.push(line.takeBack(entry, REFUSED));
  expect(tries).toEqual([true, true, true, true, false]);
  add("b");
  const late = line.next();
  jest.advanceTimersByTime(MAX_WAIT_MS + 1);
  expect(late && line.takeBack(late, REFUSED)).toBe(false);
});

test("what a session at its end leaves over is taken back as often as that happens", () => {
  const { line, add } = aLine();
  add("a");
  for (let time = 0; time < 100; time++) {
    const entry = line.next();
    expect(entry && line.takeBack(entry, { kind: "not-processed", code: "GOAWAY" })).toBe(true);
  }
});

test.each<PushReply>([
  { kind: "unknown", code: "TIMEOUT" },
  { kind: "answered", status: 503, headers: {}, body: Buffer.alloc(0) },
])("a reply of kind $kind is final", (reply) => {
  const { line, add } = aLine();
  add("a");
  const entry = line.next();
  expect(entry && line.takeBack(entry, reply)).toBe(false);
});

test("the close settles all that wait, and nothing is taken back after it", () => {
  const { line, settled, add } = aLine();
  add("a");
  add("b");
  const entry = line.next();
  line.close("CLOSED");
  expect(settled).toEqual({ b: { kind: "not-processed", code: "CLOSED" } });
  expect(entry && line.takeBack(entry, REFUSED)).toBe(false);
});
