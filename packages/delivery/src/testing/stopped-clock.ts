import { jest } from "@jest/globals";

/**
 * Stops the time that `performance` measures and intervals follow, until `jest.useRealTimers()`: what a process waits for in
 * vain meanwhile is not late. `jest.advanceTimersByTime` lets it pass. Timeouts go on, so `until` waits as ever.
 */
export function stopClock(): void {
  jest.useFakeTimers({
    doNotFake: [
      ...(["Date", "hrtime", "nextTick", "queueMicrotask"] as const),
      ...(["setImmediate", "clearImmediate", "setTimeout", "clearTimeout"] as const),
    ],
  });
}
