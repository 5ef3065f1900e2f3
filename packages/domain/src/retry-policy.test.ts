import { DEFAULT_RETRY_POLICY, retryDelayMs } from "./retry-policy.js";

const delay = (attempt: number, retryAfterMs: number | undefined, random: number) =>
  retryDelayMs(attempt, retryAfterMs, DEFAULT_RETRY_POLICY, () => random);

describe("retryDelayMs", () => {
  test("the upper bounds double from 1 second and stop at 10 minutes", () => {
    const bounds = Array.from({ length: 11 }, (_, index) => delay(index + 1, undefined, 1) / 1_000);
    expect(bounds).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);
  });

  test("jitter is full: a delay may be as short as nothing", () => {
    expect(delay(8, undefined, 0)).toBe(0);
  });

  test("what the provider asked for is waited out, and jitter comes on top", () => {
    expect(delay(1, 30_000, 0)).toBe(30_000);
    expect(delay(1, 30_000, 1)).toBe(31_000);
  });

  test("all attempts of the default policy lie within the hour after which Google's guide says to give up", () => {
    const total = Array.from({ length: DEFAULT_RETRY_POLICY.maxAttempts - 1 }, (_, index) =>
      delay(index + 1, undefined, 1),
    );
    expect(total.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(3_600_000);
  });
});
