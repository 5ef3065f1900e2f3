import { jest } from "@jest/globals";
import { whileWanted } from "./while-wanted.js";

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test("what comes is waited for", async () => {
  await expect(whileWanted(Promise.resolve("it"), () => true)).resolves.toBe("it");
});

test("what fails is told", async () => {
  await expect(whileWanted(Promise.reject(new Error("none")), () => true)).rejects.toThrow("none");
});

test("what is wanted no more is not waited for", async () => {
  let wanted = true;
  const waiting = whileWanted(new Promise<string>(() => undefined), () => wanted);
  jest.advanceTimersByTime(60_000);
  wanted = false;
  jest.advanceTimersByTime(250);
  await expect(waiting).resolves.toBeUndefined();
});
