import { createWatchdog } from "./watchdog.js";

const LOOK_EVERY_MS = 1_000;

/** A watchdog over a clock that the test moves; it is closed before it would look by itself. */
function aWatchdog() {
  const world = { nowMs: 0, waiting: async () => 3, finished: 0, blockedMs: 0 };
  const watchdog = createWatchdog({
    ...{ stalledAfterMs: 60_000, intervalMs: LOOK_EVERY_MS, nowMs: () => world.nowMs },
    waiting: () => world.waiting(),
    moved: () => world.finished,
    moving: "finished",
    blockedMs: () => world.blockedMs,
  });
  watchdog.close();
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      world.nowMs += LOOK_EVERY_MS;
      await watchdog.look();
    }
  };
  return { world, watchdog, pass };
}

const STANDSTILL = "3 jobs wait and nothing was finished for 60 s";

test("work that waits while nothing is finished is a standstill, until something is", async () => {
  const { world, watchdog, pass } = aWatchdog();
  await pass(59);
  await watchdog.check();
  await pass(1);
  await expect(watchdog.check()).rejects.toThrow(STANDSTILL);
  world.finished++;
  await pass(1);
  await watchdog.check();
});

test("who has nothing to do stands still by right", async () => {
  const { world, watchdog, pass } = aWatchdog();
  world.waiting = async () => 0;
  await pass(600);
  await watchdog.check();
});

test("with the database or the queue away nothing is said: a restart would mend nothing, and forget what is known", async () => {
  const { world, watchdog, pass } = aWatchdog();
  world.waiting = () => Promise.reject(new Error("connect ECONNREFUSED"));
  await pass(600);
  await watchdog.check();
  world.waiting = async () => 3;
  await pass(59);
  await watchdog.check();
  await pass(1);
  await expect(watchdog.check()).rejects.toThrow(STANDSTILL);
});

test("a blocked event loop is no standstill of the work", async () => {
  const { world, watchdog, pass } = aWatchdog();
  await pass(1);
  world.nowMs += 90_000;
  world.blockedMs += 90_000;
  await pass(1);
  await watchdog.check();
  await pass(58);
  await expect(watchdog.check()).rejects.toThrow(STANDSTILL);
});

test("a database or queue that says nothing is no standstill of the work either, however long it does", async () => {
  const { world, watchdog, pass } = aWatchdog();
  let answer: (waiting: number) => void = () => undefined;
  world.waiting = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const asked = watchdog.look();
  await pass(300);
  await watchdog.check();
  answer(3);
  await asked;
  await watchdog.check();
  world.waiting = async () => 3;
  await pass(60);
  await expect(watchdog.check()).rejects.toThrow(STANDSTILL);
});
