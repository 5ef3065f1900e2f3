import { until } from "./until.js";

test("it answers with the first answer that is there", async () => {
  const answers = [undefined, false, null, 0];
  expect(await until(() => answers.shift(), { intervalMs: 1 })).toBe(0);
});

test("a condition that throws is asked again", async () => {
  let calls = 0;
  const answer = await until(
    () => {
      if (++calls < 3) throw new Error("not yet");
      return calls;
    },
    { intervalMs: 1 },
  );
  expect(answer).toBe(3);
});

test("when the time is up it fails with the last answer, or with what was thrown last", async () => {
  const options = { timeoutMs: 20, intervalMs: 1 };
  await expect(until(() => false, options)).rejects.toThrow("within 20 ms; last: false");
  const named = until(() => undefined, { ...options, describe: "The delivery" });
  await expect(named).rejects.toThrow("The delivery did not happen within 20 ms; last: undefined");
  const failing = until(() => Promise.reject(new Error("connection refused")), options);
  await expect(failing).rejects.toThrow("connection refused");
});

test("a condition that never answers does not hold up its failure", async () => {
  const silent = until(() => new Promise<boolean>(() => undefined), { timeoutMs: 20, intervalMs: 1 });
  await expect(silent).rejects.toThrow("within 20 ms");
});
