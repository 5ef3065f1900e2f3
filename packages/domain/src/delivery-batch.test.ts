import { type AttemptRecord, isStillUnknown } from "./delivery-batch.js";

const call = { latencyMs: 1, startedAt: new Date() };

test.each<[string, Omit<AttemptRecord, keyof typeof call>, boolean]>([
  ["told to come back", { mayRepeat: true, outcome: "RETRY" }, true],
  ["refused for its credential", { mayRepeat: true, outcome: "REJECTED", blame: "credential" }, true],
  ["rejected for its token", { mayRepeat: true, outcome: "REJECTED", blame: "token" }, false],
  ["accepted", { mayRepeat: true, outcome: "ACCEPTED" }, false],
  ["the first one, told to come back", { mayRepeat: false, outcome: "RETRY" }, false],
])("whether an earlier attempt was delivered stays open after one that was %s", (_what, attempt, expected) => {
  expect(isStillUnknown({ ...call, ...attempt })).toBe(expected);
});
