import { patient } from "./patience.js";
import { until } from "./until.js";

const quick = { quietMs: 50, intervalMs: 1 };
const quiet = `nothing changed for ${patient(50)} ms`;

test("it answers with the first answer that is there", async () => {
  const answers = [undefined, false, null, 0];
  expect(await until(() => answers.shift(), quick)).toBe(0);
});

test("a condition that throws is asked again", async () => {
  let calls = 0;
  const answer = await until(() => {
    if (++calls < 3) throw new Error("not yet");
    return calls;
  }, quick);
  expect(answer).toBe(3);
});

test("when nothing changes any more it fails with the last answer, or with what was thrown last", async () => {
  await expect(until(() => false, quick)).rejects.toThrow(`It did not happen: ${quiet}; last: false`);
  const named = until(() => undefined, { ...quick, describe: "The delivery" });
  await expect(named).rejects.toThrow(`The delivery did not happen: ${quiet}; last: undefined`);
  const failing = until(() => Promise.reject(new Error("connection refused")), quick);
  await expect(failing).rejects.toThrow(`${quiet}; last: Error: connection refused`);
});

test("a condition that never answers does not hold up its failure", async () => {
  const silent = until(() => new Promise<boolean>(() => undefined), quick);
  await expect(silent).rejects.toThrow(`${quiet}; last: no answer yet`);
});

test("as long as what it sees changes it waits, for many times as long as nothing may change", async () => {
  const end = performance.now() + 3 * patient(50);
  const stats = { sent: 0 };
  const done = await until((see) => {
    stats.sent += 1;
    see(stats);
    return performance.now() > end && "done";
  }, quick);
  expect(done).toBe("done");
});

test("what is seen counts, not the answer; and what was seen last is told", async () => {
  const stuck = until((see) => see({ sent: 7, queued: 3 }).queued === 0, quick);
  await expect(stuck).rejects.toThrow(`${quiet}; last: { queued: 3, sent: 7 }`);
});

test("its failure shows who waited", async () => {
  const waiter = () => until(() => false, quick);
  const error = (await waiter().catch((thrown: unknown) => thrown)) as Error;
  expect(error.stack?.split("\n")[1]).toContain("until.test.ts");
});
