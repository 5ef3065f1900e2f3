import { randomUUID } from "node:crypto";
import { CREDENTIAL_PROVIDERS } from "@fanfare/domain";
import { CHECK_QUEUES, DELIVERY_QUEUES, jobOptions, QUEUE_NAMES, QUEUES } from "./catalog.js";

const { schema: batchSchema } = QUEUES.fanout;
const { schema: checkSchema } = QUEUES["verify-apn"];

test("each provider has a queue for its batches and one for its checks, and no queue is anything else's", () => {
  expect(QUEUE_NAMES).toEqual(["fanout", "deliver-fcm", "deliver-apn", "verify-fcm", "verify-apn"]);
  const providers = new Set(Object.values(CREDENTIAL_PROVIDERS));
  expect(new Set(Object.keys(DELIVERY_QUEUES))).toEqual(providers);
  expect(new Set([...Object.values(DELIVERY_QUEUES), ...Object.values(CHECK_QUEUES), "fanout"])).toEqual(
    new Set(QUEUE_NAMES),
  );
});

test("the queue of a batch tells how it is ordered and kept; a check has no depth to be ordered by", () => {
  const kept = {
    attempts: 1,
    removeOnComplete: { age: 3_600, count: 500 },
    removeOnFail: { age: 604_800, count: 1_000 },
  };
  expect(jobOptions("deliver-fcm", 1_001)).toEqual({ ...kept, priority: 2 });
  expect(jobOptions("verify-fcm", 1_001)).toEqual({ ...kept, priority: 0 });
});

test("a job carries ids of batches and nothing else", () => {
  expect(batchSchema.safeParse({ v: 1, batchIds: [randomUUID()] }).success).toBe(true);
  for (const bad of [{ v: 1, batchIds: [] }, { v: 1, batchIds: ["x"] }, { v: 2, batchIds: [randomUUID()] }, {}]) {
    expect(batchSchema.safeParse(bad).success).toBe(false);
  }
});

test("what a newer release adds to a job is ignored", () => {
  const job = { v: 1, batchIds: [randomUUID()] };
  expect(batchSchema.parse({ ...job, trace: { id: "x" } })).toEqual(job);
  const check = { v: 1, checkId: randomUUID() };
  expect(checkSchema.parse({ ...check, trace: "x" })).toEqual(check);
});
