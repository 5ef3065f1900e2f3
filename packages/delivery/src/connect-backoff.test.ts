import { createConnectBackoff } from "./connect-backoff.js";

/** How long the next try has to wait, in milliseconds. */
function waitOf(backoff: ReturnType<typeof createConnectBackoff>, now: number): number {
  for (let ms = 0; ms <= 20_000; ms += 50) if (backoff.mayTry(now + ms)) return ms;
  throw new Error("It may never be tried again.");
}

test.each([
  ["the longest", 1, 1],
  ["the shortest", 0, 0.5],
])("waits double from 100 ms to 10 s, each less up to a half: %s", (_which, random, share) => {
  const backoff = createConnectBackoff(() => random);
  const waits = Array.from({ length: 9 }, () => {
    backoff.failed(1_000);
    return waitOf(backoff, 1_000);
  });
  expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000].map((ms) => ms * share));
});

test("a connection that ends unanswered once is bad luck, and after that a failure", () => {
  const backoff = createConnectBackoff(() => 1);
  backoff.tried(0);
  backoff.endedUnanswered(0);
  expect(backoff.mayTry(0)).toBe(true);
  backoff.tried(0);
  backoff.endedUnanswered(0);
  expect(waitOf(backoff, 0)).toBe(100);
  backoff.endedUnanswered(0);
  expect(waitOf(backoff, 0)).toBe(200);
});

test("while nothing was answered since a failure, the next try waits for what becomes of this one", () => {
  const backoff = createConnectBackoff(() => 1);
  backoff.tried(0);
  expect(backoff.mayTry(0)).toBe(true);
  backoff.failed(0);
  backoff.tried(200);
  expect(waitOf(backoff, 200)).toBe(100);
});

test("once the peer serves, the next one is tried at once, and counted from the beginning", () => {
  const backoff = createConnectBackoff(() => 1);
  for (let failure = 0; failure < 5; failure++) backoff.failed(0);
  backoff.served();
  expect(backoff.mayTry(0)).toBe(true);
  backoff.failed(0);
  expect(waitOf(backoff, 0)).toBe(100);
});
