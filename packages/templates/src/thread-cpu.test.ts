import { startWorkingThread } from "@fanfare/testkit";
import { threadCpu } from "./thread-cpu.js";

/** Milliseconds of the process, which are those of all its threads. */
const processMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const threadMs = () => threadCpu() / 1_000;

test("it goes on with what its own thread works, and is never ahead of the process", () => {
  const before = { process: processMs(), thread: threadMs() };
  while (processMs() - before.process < 200);
  const used = threadMs() - before.thread;
  // The compiler and the garbage collector have threads of their own.
  expect(used).toBeGreaterThan(100);
  expect(used).toBeLessThan(processMs() - before.process + 10);
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
