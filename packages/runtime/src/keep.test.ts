import { keep } from "./keep.js";

function asked(answers: (() => Promise<number>)[]) {
  let now = 0;
  let times = 0;
  const ask = () => answers[times++]?.() ?? Promise.reject(new Error("asked too often"));
  return {
    kept: keep(ask, 1_000, () => now),
    times: () => times,
    pass(ms: number) {
      now += ms;
    },
  };
}

test("a crowd that asks at once makes it be asked once", async () => {
  const { kept, times } = asked([async () => 7]);
  expect(await Promise.all(Array.from({ length: 100 }, kept))).toEqual(Array(100).fill(7));
  expect(times()).toBe(1);
});

test("an answer is kept for its time, counted from when it came, and then asked for anew", async () => {
  let answer: (value: number) => void = () => undefined;
  const slow = () =>
    new Promise<number>((resolve) => {
      answer = resolve;
    });
  const { kept, times, pass } = asked([slow, async () => 2]);
  const first = kept();
  pass(5_000);
  const meanwhile = kept();
  answer(1);
  expect(await Promise.all([first, meanwhile])).toEqual([1, 1]);
  pass(999);
  expect(await kept()).toBe(1);
  expect(times()).toBe(1);
  pass(1);
  expect(await kept()).toBe(2);
});

test("a failure is kept like an answer", async () => {
  const { kept, times, pass } = asked([() => Promise.reject(new Error("away")), async () => 1]);
  await expect(kept()).rejects.toThrow("away");
  await expect(kept()).rejects.toThrow("away");
  expect(times()).toBe(1);
  pass(1_000);
  expect(await kept()).toBe(1);
});
