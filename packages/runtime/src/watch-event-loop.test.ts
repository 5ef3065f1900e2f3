import { watchEventLoop } from "./watch-event-loop.js";

/** A watch over a clock that the test moves; it is closed before it would look by itself. */
function aWatch() {
  const world = { nowMs: 0, blocks: [] as number[] };
  const watch = watchEventLoop({
    ...{ intervalMs: 1_000, nowMs: () => world.nowMs },
    onBlocked: (ms) => world.blocks.push(ms),
  });
  watch.close();
  return { world, watch };
}

test("a blocked event loop is told once, with its length", () => {
  const { world, watch } = aWatch();
  world.nowMs += 91_000;
  expect(watch.blockedMs()).toBe(90_000);
  world.nowMs += 1_000;
  expect(watch.blockedMs()).toBe(90_000);
  expect(world.blocks).toEqual([90_000]);
});

test("who looks more often than it does, or a little late, is told of no block", () => {
  const { world, watch } = aWatch();
  for (const passed of [10, 1_000, 1_900, 0]) {
    world.nowMs += passed;
    expect(watch.blockedMs()).toBe(0);
  }
  expect(world.blocks).toEqual([]);
});
