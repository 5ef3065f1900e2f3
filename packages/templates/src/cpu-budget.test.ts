import { startWorkingThread, type WorkingThread } from "@fanfare/testkit";
import { CpuBudget } from "./cpu-budget.js";
import { CpuClock } from "./cpu-clock.js";

let other: WorkingThread;
beforeAll(async () => {
  other = await startWorkingThread();
});
afterAll(() => other.end());

/** A clock of which the test says how many milliseconds the thread has used; those of the process are what they are. */
function aClock() {
  const thread = { ms: 1_000 };
  return { thread, clock: new CpuClock(() => thread.ms * 1_000) };
}

describe("a budget of CPU time", () => {
  test("what other threads of the process use is not charged", () => {
    const budget = new CpuBudget(50);
    other.work(200);
    expect(budget.isUsedUp()).toBe(false);
    expect(budget.usedMs()).toBeLessThan(20);
  });

  test("what its own thread uses is, and it ends soon after", () => {
    const before = process.cpuUsage();
    const budget = new CpuBudget(50);
    while (!budget.isUsedUp());
    expect(budget.usedMs()).toBeGreaterThan(50);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeGreaterThan(49);
    expect(budget.usedMs()).toBeLessThan(100);
  });

  test("it is used up as soon as the thread has used more, however often it was asked before", () => {
    const { thread, clock } = aClock();
    const budget = new CpuBudget(50, clock);
    other.work(200);
    thread.ms += 10;
    expect(budget.isUsedUp()).toBe(false);
    thread.ms += 41;
    other.work(200);
    expect(budget.isUsedUp()).toBe(true);
    expect(budget.isUsedUp()).toBe(true);
    expect(budget.usedMs()).toBe(51);
  });

  test("what is not to be charged is not, and all the rest is", () => {
    const { thread, clock } = aClock();
    const budget = new CpuBudget(1_000, clock);
    other.work(200);
    thread.ms += 10;
    budget.uncharged(() => {
      thread.ms += 100;
    });
    thread.ms += 20;
    expect(budget.usedMs()).toBe(30);
  });

  test.each([
    ["stands still", () => 1_000_000],
    ["is not told", () => Number.NaN],
  ])("a thread's time that %s does not make it endless: the process's is charged", (_how, threadCpu) => {
    const budget = new CpuBudget(50, new CpuClock(threadCpu));
    expect(budget.isUsedUp()).toBe(false);
    budget.uncharged(() => other.work(200));
    expect(budget.usedMs()).toBeLessThan(50);
    other.work(200);
    expect(budget.isUsedUp()).toBe(true);
    expect(budget.usedMs()).toBeGreaterThanOrEqual(200);
  });

  test("no more than the process has used is charged, whatever a thread is said to", () => {
    const { thread, clock } = aClock();
    const budget = new CpuBudget(50, clock);
    thread.ms += 1_000_000;
    expect(budget.usedMs()).toBeLessThan(10_000);
  });

  test("one that begins just after another costs no reading of its own", () => {
    let readings = 0;
    const clock = new CpuClock(() => ++readings);
    for (let line = 0; line < 10_000; line++) new CpuBudget(50, clock);
    expect(readings).toBeLessThan(5_000);
  });
});
