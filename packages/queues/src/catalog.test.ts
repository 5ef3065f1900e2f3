import { randomUUID } from "node:crypto";
import { checkJobSchema, jobSchema, priorityForDepth } from "./catalog.js";

test("the first recipients of any operation go before the later ones of every other", () => {
  expect([1, 500, 501, 1_000, 1_001, 1_000_000].map(priorityForDepth)).toEqual([0, 0, 1, 1, 2, 1_999]);
});

test("the deepest recipient there can be has a priority that BullMQ takes", () => {
  expect(priorityForDepth(2 ** 24 - 1)).toBeLessThan(2 ** 21);
});

test("a job carries ids of batches and nothing else", () => {
  expect(jobSchema.safeParse({ v: 1, batchIds: [randomUUID()] }).success).toBe(true);
  for (const bad of [{ v: 1, batchIds: [] }, { v: 1, batchIds: ["x"] }, { v: 2, batchIds: [randomUUID()] }, {}]) {
    expect(jobSchema.safeParse(bad).success).toBe(false);
  }
});

test("what a newer release adds to a job is ignored", () => {
  const job = { v: 1, batchIds: [randomUUID()] };
  expect(jobSchema.parse({ ...job, trace: { id: "x" } })).toEqual(job);
  const check = { v: 1, checkId: randomUUID() };
  expect(checkJobSchema.parse({ ...check, trace: "x" })).toEqual(check);
});
