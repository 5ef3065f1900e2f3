import { createQueueRoom } from "./queue-room.js";

/** A room whose clock stands still until it is moved, and what its queue holds. */
function aRoom(jobsMax: number) {
  const queue = { jobs: 0, counts: 0, now: 0 };
  const count = async () => {
    queue.counts++;
    return queue.jobs;
  };
  return { queue, room: createQueueRoom(jobsMax, count, () => queue.now) };
}

test("the last quarter is kept for what begins early in its operation, the one before for what begins not late", async () => {
  const { queue, room } = aRoom(1_000);
  for (const [jobs, free] of [
    [0, [1_000, 750, 500]],
    [500, [500, 250, 0]],
    [750, [250, 0, 0]],
    [1_000, [0, 0, 0]],
    [1_200, [0, 0, 0]],
  ] as const) {
    queue.jobs = jobs;
    queue.now += 1_000;
    await room.look();
    expect([room.free(0, "due"), room.free(1, "due"), room.free(2, "due")]).toEqual(free);
  }
});

test("what is added takes up room at once, and what was taken from the queue gives it back at the next count", async () => {
  const { queue, room } = aRoom(100);
  await room.look();
  for (let jobs = 0; jobs < 50; jobs++) room.take();
  expect([room.free(0, "due"), room.free(2, "due")]).toEqual([50, 0]);
  queue.jobs = 10;
  queue.now = 100;
  await room.look();
  expect(room.free(2, "due")).toBe(40);
});

test("a queue far from its bound is counted once a second, one near it each time, a full one ten times a second", async () => {
  const { queue, room } = aRoom(100);
  const countsInASecond = async () => {
    const before = queue.counts;
    for (let ms = 0; ms < 1_000; ms += 10) {
      queue.now += 10;
      await room.look();
    }
    return queue.counts - before;
  };
  expect(await countsInASecond()).toBe(1);
  queue.jobs = 90;
  await countsInASecond();
  expect(await countsInASecond()).toBe(100);
  queue.jobs = 100;
  await countsInASecond();
  expect(await countsInASecond()).toBe(10);
});

test("a queue that does not answer is asked again at once", async () => {
  let away = true;
  const room = createQueueRoom(100, async () => {
    if (away) throw new Error("away");
    return 0;
  });
  await expect(room.look()).rejects.toThrow("away");
  away = false;
  await room.look();
  expect(room.free(0, "due")).toBe(100);
});

test("the last tenth of the room is kept for what is due: new batches alone would take each place that becomes free", async () => {
  const { queue, room } = aRoom(1_000);
  queue.jobs = 440;
  await room.look();
  expect([room.free(0, "new"), room.free(1, "new"), room.free(2, "new")]).toEqual([460, 235, 10]);
});

test("a count that was begun before jobs were added does not forget them", async () => {
  let answer: (jobs: number) => void = () => undefined;
  const room = createQueueRoom(
    100,
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const looks = [room.look(), room.look()];
  for (let jobs = 0; jobs < 30; jobs++) room.take();
  answer(10);
  await Promise.all(looks);
  expect(room.free(0, "due")).toBe(60);
});
