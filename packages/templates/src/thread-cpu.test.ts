import { startWorkingThread, until } from "@fanfare/testkit";
import { threadCpu } from "./thread-cpu.js";

/** Milliseconds of the process, which are those of all its threads. */
const processMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const threadMs = () => threadCpu() / 1_000;

test("it goes on with what its own thread works, and is never ahead of the process", async () => {
  // The compiler and the garbage collector have threads of their own, which work most of the time now and then.
  let ahead = 0;
  await until(() => {
    const before = { process: processMs(), thread: threadMs() };
    while (processMs() - before.process < 100);
    const used = threadMs() - before.thread;
    ahead = Math.max(ahead, used - (processMs() - before.process));
    return used > 50;
  });
  expect(ahead).toBeLessThan(10);
});

test("it stands still while its thread waits, and with what others work", async () => {
  const other = await startWorkingThread();
  try {
    const before = { process: processMs(), thread: threadMs() };
    other.work(200);
    expect(threadMs() - before.thread).toBeLessThan(20);
    expect(processMs() - before.process).toBeGreaterThanOrEqual(200);
  } finally {
    await other.end();
  }
});
