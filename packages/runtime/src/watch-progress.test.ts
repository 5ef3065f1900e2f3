import { watchProgress } from "./watch-progress.js";

const LOOK_EVERY_MS = 1_000;

/** Over a clock that the test moves. */
function aWorker() {
  const world = { nowMs: 0, waiting: 5, begun: 0, finished: 0, free: 4, asked: 0 };
  const watch = watchProgress(
    {
      ...{ stalledAfterMs: 120_000, untouchedAfterMs: 15_000, intervalMs: LOOK_EVERY_MS, nowMs: () => world.nowMs },
      waiting: async () => {
        world.asked++;
        return world.waiting;
      },
      finished: () => world.finished,
      begun: () => world.begun,
      free: () => world.free,
    },
    () => 0,
  );
  watch.close();
  const pass = async (seconds: number, everySecond: () => void = () => undefined) => {
    for (let second = 0; second < seconds; second++) {
      world.nowMs += LOOK_EVERY_MS;
      everySecond();
      await Promise.all([watch.progress.look(), watch.taking.look()]);
    }
  };
  return { world, pass, progress: watch.progress, taking: watch.taking };
}

test("jobs that wait while hands are free and none is begun: it takes no work, until one is begun", async () => {
  const { world, pass, taking, progress } = aWorker();
  await pass(14);
  await taking.check();
  await pass(1);
  await expect(taking.check()).rejects.toThrow("5 jobs wait and nothing was begun for 15 s");
  await progress.check();
  world.begun++;
  await pass(1);
  await taking.check();
});

test("who has all hands full takes none by right, however long", async () => {
  const { world, pass, taking, progress } = aWorker();
  world.free = 0;
  await pass(119);
  await taking.check();
  await progress.check();
  await pass(1);
  await taking.check();
  await expect(progress.check()).rejects.toThrow("5 jobs wait and nothing was finished for 120 s");
  world.free = 1;
  await pass(14);
  await taking.check();
});

test("who begins one now and then takes work, though the queue never empties", async () => {
  const { world, pass, taking } = aWorker();
  await pass(100, () => {
    if (world.nowMs % 10_000 === 0) world.begun++;
  });
  await taking.check();
});

test("a queue that others empty in between is not untouched", async () => {
  const { world, pass, taking } = aWorker();
  await pass(100, () => {
    world.waiting = world.nowMs % 10_000 === 0 ? 0 : 5;
  });
  await taking.check();
});

test("the queue is asked once a look for both", async () => {
  const { world, pass } = aWorker();
  await pass(10);
  expect(world.asked).toBe(10);
});
