import { DEFAULT_RETRY_POLICY, type ProviderWish, retryDelayMs } from "./retry-policy.js";

const delay = (attempt: number, wish: ProviderWish, random: number) =>
  retryDelayMs(attempt, wish, DEFAULT_RETRY_POLICY, () => random);
/** The delays after the 1st to the 11th attempt, in seconds. */
const delays = (wish: ProviderWish, random: number) =>
  Array.from({ length: DEFAULT_RETRY_POLICY.maxAttempts - 1 }, (_, index) => delay(index + 1, wish, random) / 1_000);
const sum = (seconds: number[]) => seconds.reduce((total, one) => total + one, 0);

describe("without a wish of the provider's", () => {
  test("the upper bounds double from 1 second and stop at 10 minutes", () => {
    expect(delays({}, 1)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);
  });

  test("jitter is full: a delay may be as short as nothing", () => {
    expect(delay(8, {}, 0)).toBe(0);
  });

  test("what the provider asked for is waited out, and jitter comes on top", () => {
    expect(delay(1, { retryAfterMs: 30_000 }, 0)).toBe(30_000);
    expect(delay(1, { retryAfterMs: 30_000 }, 1)).toBe(31_000);
  });

  test("all attempts of the default policy lie within the hour after which Google's guide says to give up", () => {
    expect(sum(delays({}, 1))).toBeLessThan(3_600);
  });
});

describe("a provider that wants no retry sooner, and twice as long each time", () => {
  const TEN_SECONDS = { backoffMs: 10_000 };

  test("a delay lies between its lower bound, which doubles up to 5 minutes, and twice that", () => {
    expect(delays(TEN_SECONDS, 0)).toEqual([10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300]);
    expect(delays(TEN_SECONDS, 1)).toEqual([20, 40, 80, 160, 320, 600, 600, 600, 600, 600, 600]);
    expect(delays({ backoffMs: 60_000 }, 0).slice(0, 4)).toEqual([60, 120, 240, 300]);
  });

  test("its 12 attempts take 53 minutes on average", () => {
    expect(sum(delays(TEN_SECONDS, 0.5)) / 60).toBeCloseTo(52.75);
  });

  test("what it asked for besides is waited out where that is longer, and jitter comes on top", () => {
    expect(delay(1, { ...TEN_SECONDS, retryAfterMs: 3_000 }, 0)).toBe(10_000);
    expect(delay(1, { ...TEN_SECONDS, retryAfterMs: 30_000 }, 0)).toBe(30_000);
    expect(delay(1, { ...TEN_SECONDS, retryAfterMs: 30_000 }, 1)).toBe(40_000);
  });

  test("only what it asked for takes a delay over the cap of 10 minutes", () => {
    expect(delay(12, TEN_SECONDS, 1)).toBe(600_000);
    expect(delay(1, { backoffMs: 86_400_000 }, 1)).toBe(600_000);
    expect(delay(12, { ...TEN_SECONDS, retryAfterMs: 900_000 }, 0)).toBe(900_000);
  });
});

test.each([Number.POSITIVE_INFINITY, 1e300, 1e20, -1, Number.NaN, 0.5])(
  "a wish for %s ms makes a delay that a date can be made of",
  (ms) => {
    for (const wish of [{ retryAfterMs: ms }, { backoffMs: ms }, { retryAfterMs: ms, backoffMs: ms }]) {
      for (const attempt of [1, 12, 5_000]) {
        const found = delay(attempt, wish, 0.3);
        expect(Number.isInteger(found)).toBe(true);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(3_600_000 + DEFAULT_RETRY_POLICY.capMs);
      }
    }
  },
);
