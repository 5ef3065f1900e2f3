import type { DeliveryLine, LeasedBatch } from "@fanfare/domain";
import { jest } from "@jest/globals";
import type { BatchRun } from "./batch-run.js";
import type { HeldBatch } from "./lease-keeper.js";
import { type ConvictedBatch, createSuspectRun } from "./suspect-run.js";
import { aBatch } from "./testing/fake-ports.js";

function aHeld(count: number, fields: Partial<LeasedBatch> = {}): HeldBatch {
  const batch = aBatch(count, fields);
  const nothing = { lose: () => undefined, giveBack: async () => undefined };
  return { batch, isHeld: () => true, isCanceled: () => false, ...nothing };
}

function aStore() {
  const log: string[] = [];
  const parts: (readonly DeliveryLine[])[] = [];
  return {
    log,
    parts,
    beginAlone: async () => {
      log.push("alone");
      return true;
    },
    split: async (_batch: LeasedBatch, made: readonly (readonly DeliveryLine[])[]) => {
      parts.push(...made);
      return true;
    },
    failureOf: () => "transient" as const,
  };
}

const onError = (error: unknown) => {
  throw error;
};
const options = { signal: new AbortController().signal };

test("a suspected batch is noted as alone before anything of it is run, and runs while no other does", async () => {
  const store = aStore();
  let running = 0;
  let most = 0;
  const run: BatchRun = async (held) => {
    most = Math.max(most, ++running);
    if (held.batch.suspicion === "suspected") expect(running).toBe(1);
    store.log.push(held.batch.suspicion);
    await new Promise(setImmediate);
    running--;
  };
  const runAny = createSuspectRun(run, store, { onError });
  await Promise.all([
    runAny(aHeld(1), options),
    runAny(aHeld(1), options),
    runAny(aHeld(1, { suspicion: "suspected" }), options),
    runAny(aHeld(1), options),
  ]);
  expect(store.log).toEqual(["none", "none", "alone", "suspected", "none"]);
  expect(most).toBe(2);
});

test("a suspected batch whose lease was lost meanwhile is not run", async () => {
  const run = jest.fn(async () => undefined);
  const runAny = createSuspectRun(run, { ...aStore(), beginAlone: async () => false }, { onError });
  await runAny(aHeld(1, { suspicion: "suspected" }), options);
  expect(run).not.toHaveBeenCalled();
});

test("whether a batch was noted as alone is asked until it is known: it would be convicted of the lost answer", async () => {
  const store = aStore();
  const failures: unknown[] = [];
  const beginAlone = async () => {
    await store.beginAlone();
    if (failures.length < 2) throw new Error("the connection was lost");
    return true;
  };
  const run = jest.fn(async () => undefined);
  const runAny = createSuspectRun(run, { ...store, beginAlone }, { onError: (error) => failures.push(error) });
  await runAny(aHeld(1, { suspicion: "suspected" }), options);
  expect(store.log).toEqual(["alone", "alone", "alone"]);
  expect(run).toHaveBeenCalledTimes(1);
});

test("of a convicted batch nothing is sent: its open lines are split into about as many parts as each has lines", async () => {
  const store = aStore();
  const convicted: ConvictedBatch[] = [];
  const run = jest.fn(async () => undefined);
  const recorded = new Map([
    ["1", { status: "SENT" as const, attempts: 1, firstAttemptAt: null, nextAttemptAt: null, lastOutcome: null }],
  ]);
  const runAny = createSuspectRun(run, store, { onError, onConvicted: (batch) => convicted.push(batch) });
  await runAny(aHeld(500, { suspicion: "convicted", recorded }), options);
  expect(run).not.toHaveBeenCalled();
  expect(store.parts.flat().map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: 499 }, (_, index) => index + 2),
  );
  expect(store.parts.length).toBeLessThan(25);
  expect(Math.max(...store.parts.map((part) => part.length))).toBeLessThan(25);
  expect(convicted).toHaveLength(1);
});

test("a convicted batch whose lease was lost before it was split is not said to be split, but lost", async () => {
  const lose = jest.fn();
  const onConvicted = jest.fn();
  const run = jest.fn(async () => undefined);
  const runAny = createSuspectRun(run, { ...aStore(), split: async () => false }, { onError, onConvicted });
  await runAny({ ...aHeld(2, { suspicion: "convicted" }), lose }, options);
  expect(lose).toHaveBeenCalledTimes(1);
  expect(onConvicted).not.toHaveBeenCalled();
  expect(run).not.toHaveBeenCalled();
});

test("a convicted batch of one line is run, so that the line ends", async () => {
  const run = jest.fn(async () => undefined);
  await createSuspectRun(run, aStore(), { onError })(aHeld(1, { suspicion: "convicted" }), options);
  expect(run).toHaveBeenCalledTimes(1);
});
