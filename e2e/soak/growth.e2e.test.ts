import { type Growth, growthOf } from "./process-samples.js";
import type { SoakResult } from "./run-soak.js";
import { soakProblems } from "./soak-report.js";

/** Samples of a process while a million recipients are sent to. */
const samples = (rssMbAt: (share: number) => number, descriptors = () => 40) =>
  Array.from({ length: 101 }, (_, index) => ({
    done: index * 10_000,
    rssMb: rssMbAt(index / 100),
    descriptors: descriptors(),
  }));

const soakOf = (grown: Record<string, Growth | undefined>, fields: Partial<SoakResult> = {}): SoakResult => ({
  ...{ backend: "redis", recipients: 1_000_000, terminal: 1_000_000, accepted: 1_000_000, attempts: 1_000_000 },
  ...{ seconds: 1, perSecond: 1, faults: 0, polls: 0, recounts: 0, operations: 1, explainedDuplicates: 0 },
  ...{ findings: [], problems: [], crashes: [], unclean: [], tables: [], queueEntries: 0 },
  processes: Object.fromEntries(Object.entries(grown).map(([name, growth]) => [name, growth ?? null])),
  ...fields,
});

test("memory that only warms up is no growth", () => {
  const growth = growthOf(samples((share) => 200 + Math.min(share, 0.3) * 200));
  expect(growth?.rssMbPer100k).toBeCloseTo(0);
  expect(soakProblems(soakOf({ api: growth }))).toEqual([]);
});

test("memory that grows by a hundred bytes a push is found out", () => {
  const growth = growthOf(samples((share) => 200 + share * 120));
  expect(soakProblems(soakOf({ "fcm-worker": growth }))).toEqual(["fcm-worker grows by 12.0 MB in 100,000"]);
});

test("connections and files that are not closed are found out", () => {
  let open = 40;
  const growth = growthOf(
    samples(
      () => 200,
      () => open++,
    ),
  );
  expect(soakProblems(soakOf({ api: growth }))).toEqual(["api opens 10.0 descriptors in 100,000"]);
});

test("jobs that stay in the queues are found out", () => {
  expect(soakProblems(soakOf({}, { queueEntries: 100_000 }))).toEqual(["100000 entries are left in the queues"]);
});
