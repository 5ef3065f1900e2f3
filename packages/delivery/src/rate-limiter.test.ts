import { createRateLimiter } from "./rate-limiter.js";

function aLimiter(perMinute: number | undefined, rampSeconds = 60) {
  const clock = { ms: 0 };
  const limiter = createRateLimiter({ perMinute, rampSeconds }, () => clock.ms);
  /** Calls that are given in so many seconds to a sender that takes all it gets. */
  const takenIn = (seconds: number) => {
    let taken = 0;
    for (let tick = 0; tick < seconds * 100; tick++) {
      clock.ms += 10;
      while (limiter.take() === 0) taken++;
    }
    return taken;
  };
  return { clock, limiter, takenIn };
}

test("a small send need not wait: a second's worth of the rate is there at once", () => {
  const { limiter } = aLimiter(600_000);
  for (let call = 0; call < 10_000; call++) expect(limiter.take()).toBe(0);
  expect(limiter.take()).toBeGreaterThan(0);
});

test("a large one ramps up from a tenth of the rate to the whole of it within a minute, and never goes over it", () => {
  const { takenIn } = aLimiter(60_000);
  const seconds = Array.from({ length: 70 }, () => takenIn(1));
  expect(seconds[1]).toBeGreaterThan(90);
  expect(seconds[1]).toBeLessThan(150);
  expect(seconds[30]).toBeGreaterThan(500);
  expect(seconds[30]).toBeLessThan(620);
  for (const taken of seconds.slice(61)) expect(Math.abs(taken - 1_000)).toBeLessThanOrEqual(1);
  expect(Math.max(...seconds.slice(1))).toBeLessThanOrEqual(1_001);
});

test("after a minute of rest the ramp begins anew", () => {
  const { takenIn, clock } = aLimiter(60_000);
  takenIn(70);
  clock.ms += 61_000;
  takenIn(1);
  expect(takenIn(1)).toBeLessThan(150);
});

test("without a ramp the whole rate is there from the beginning; without a rate there is no limit", () => {
  const { takenIn } = aLimiter(60_000, 0);
  takenIn(1);
  expect(Math.abs(takenIn(10) - 10_000)).toBeLessThanOrEqual(1);
  const { limiter } = aLimiter(undefined);
  for (let call = 0; call < 100_000; call++) expect(limiter.take()).toBe(0);
});

test("a provider that asks for a pause gets it", () => {
  const { limiter, clock } = aLimiter(undefined);
  limiter.pause(60_000);
  expect(limiter.take()).toBe(60_000);
  clock.ms += 60_000;
  expect(limiter.take()).toBe(0);
});

test.each([Number.POSITIVE_INFINITY, 1e300])("a pause of %s ms ends after an hour", (ms) => {
  const { limiter, clock } = aLimiter(undefined);
  limiter.pause(ms);
  expect(limiter.waitMs()).toBe(3_600_000);
  clock.ms += 3_600_000;
  expect(limiter.take()).toBe(0);
});

test("a pause that is not a number is none", () => {
  const { limiter } = aLimiter(undefined);
  limiter.pause(Number.NaN);
  limiter.pause(50);
  expect(limiter.waitMs()).toBe(50);
});
