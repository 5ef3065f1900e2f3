import { createQueueRank } from "./queue-rank.js";

function aRank() {
  let nowMs = 0;
  const rank = createQueueRank(() => nowMs);
  return { take: rank.take, pass: (ms: number) => (nowMs += ms) };
}

test("an account's operations stand one behind the other, and another account's first at the front", () => {
  const { take } = aRank();
  expect([1, 2, 3].map(() => take("a", 1_000))).toEqual([0, 1_000, 2_000]);
  expect(take("b", 1_000)).toBe(0);
});

test("a small send overtakes its own account's large ones, and stands behind its small ones", () => {
  const { take } = aRank();
  take("a", 10_000);
  take("a", 10_000);
  expect([1, 2, 3].map(() => take("a", 1))).toEqual([0, 1, 2]);
  expect(take("a", 10_000)).toBe(20_003);
});

test("what was sent a while ago counts no more, the smallest first", () => {
  const { take, pass } = aRank();
  take("a", 10);
  take("a", 5_000);
  pass(1_000);
  expect(take("a", 1)).toBe(0);
  // 10 and 1,990 of what was sent before are taken for done.
  expect(take("a", 5_000)).toBe(3_011);
  pass(3_600_000);
  expect(take("a", 5_000)).toBe(0);
});

test("accounts that have sent nothing lately are forgotten", () => {
  const { take, pass } = aRank();
  for (let account = 0; account < 2_000; account++) {
    take(`account-${account}`, 10);
    pass(100);
  }
  expect(take("account-0", 10)).toBe(0);
});
