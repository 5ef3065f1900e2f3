import { createSendWindow as openSendWindow, type SendWindow } from "./send-window.js";

const windows: SendWindow[] = [];
const createSendWindow = (...options: Parameters<typeof openSendWindow>) => {
  const window = openSendWindow(...options);
  windows.push(window);
  return window;
};
afterEach(() => {
  for (const window of windows.splice(0)) window.close();
});

/** Takes slots for a key; counts those that were given. */
function taker(window: ReturnType<typeof createSendWindow>, key: string) {
  let given = 0;
  return {
    take(count: number) {
      for (let slot = 0; slot < count; slot++) window.take(key, () => given++);
    },
    release(count: number) {
      for (let slot = 0; slot < count; slot++) window.release(key);
    },
    given: () => given,
  };
}

test("one alone gets two thirds of the window, and the rest as its slots come back, in order", () => {
  const window = createSendWindow(300);
  const order: number[] = [];
  for (let slot = 0; slot < 500; slot++) window.take("a", () => order.push(slot));
  expect(order).toHaveLength(200);
  for (let slot = 0; slot < 300; slot++) window.release("a");
  expect(order).toEqual(Array.from({ length: 500 }, (_, slot) => slot));
});

test("however many stall with all they can get, the next one finds slots", () => {
  const window = createSendWindow(2_700);
  for (const key of ["a", "b", "c", "d"]) {
    const stalled = taker(window, key);
    stalled.take(5_000);
    expect(stalled.given()).toBeGreaterThan(20);
  }
  const healthy = taker(window, "e");
  healthy.take(10_000);
  let done = 0;
  while (healthy.given() > done) {
    const batch = healthy.given() - done;
    done += batch;
    healthy.release(batch);
  }
  expect(done).toBe(10_000);
});

test("of two that have much to send neither gets far ahead", () => {
  const window = createSendWindow(300);
  const both = ["a", "b"].map((key) => taker(window, key));
  for (const one of both) one.take(5_000);
  const released = [0, 0];
  for (let round = 0; round < 30; round++) {
    for (const [index, one] of both.entries()) {
      const held = one.given() - (released[index] ?? 0);
      one.release(held);
      released[index] = (released[index] ?? 0) + held;
    }
  }
  const [first = 0, second = 0] = both.map((one) => one.given());
  expect(first + second).toBeGreaterThan(3_000);
  expect(Math.max(first, second)).toBeLessThan(4 * Math.min(first, second));
});

test("a caller that releases before it returns may do so thousands of times in a row", () => {
  const window = createSendWindow(10);
  let done = 0;
  for (let slot = 0; slot < 100_000; slot++) {
    window.take("a", () => {
      done++;
      window.release("a");
    });
  }
  expect(done).toBe(100_000);
});
