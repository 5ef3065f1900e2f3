import type { LeaseRef } from "@fanfare/domain";
import { jest } from "@jest/globals";
import { createLeaseKeeper } from "./lease-keeper.js";
import { aBatch, aStore } from "./testing/fake-ports.js";
import { stopClock } from "./testing/stopped-clock.js";

const LEASE_MS = 3_000;
const batch = aBatch(2);

beforeEach(stopClock);
afterEach(() => void jest.useRealTimers());

/** A store whose database has leased the batch, and reads what is on record of it until it is told what comes of that. */
function aSlowlyReadingStore() {
  const store = aStore([batch]);
  const reading = { resolve: () => {}, reject: (_error: Error) => {} };
  const read = new Promise<void>((resolve, reject) => Object.assign(reading, { resolve, reject }));
  const renewed: LeaseRef[][] = [];
  const slow: Parameters<typeof createLeaseKeeper>[0] = {
    async lease(ids, onLeased) {
      const leased = await store.lease(ids, onLeased);
      await read;
      return leased;
    },
    async renew(leases) {
      renewed.push([...leases]);
      return store.renew(leases);
    },
  };
  return { slow, reading, renewed, lost: store.lost };
}

function aKeeper(store: Parameters<typeof createLeaseKeeper>[0]) {
  const lost: string[] = [];
  const onError = (error: unknown) => {
    throw error;
  };
  return { lost, keeper: createLeaseKeeper(store, { leaseMs: LEASE_MS, onError, onLost: ({ id }) => lost.push(id) }) };
}

/** Lets time pass as its timers see it: a second at a time, with the answers of what they asked. */
async function pass(seconds: number) {
  for (let second = 0; second < seconds; second++) {
    jest.advanceTimersByTime(1_000);
    await new Promise(setImmediate);
  }
}

test("a batch is held for however long the reading of what is on record of it takes", async () => {
  const { slow, reading, renewed } = aSlowlyReadingStore();
  const { keeper, lost } = aKeeper(slow);
  const leasing = keeper.lease([batch.id]);
  await pass(10);
  expect(renewed[0]).toMatchObject([{ id: batch.id, epoch: batch.epoch }]);
  reading.resolve();
  const [held] = await leasing;
  expect(held?.batch).toBe(batch);
  expect(held?.isHeld()).toBe(true);
  expect(lost).toEqual([]);
  keeper.close();
});

test("a batch that was taken over while that was read is not held, and said to be lost", async () => {
  const { slow, reading, lost: takenOver } = aSlowlyReadingStore();
  const { keeper, lost } = aKeeper(slow);
  const leasing = keeper.lease([batch.id]);
  takenOver.add(batch.id);
  await pass(1);
  reading.resolve();
  const [held] = await leasing;
  expect(held?.isHeld()).toBe(false);
  expect(lost).toEqual([batch.id]);
  keeper.close();
});

test("a batch of which that could not be read is not kept from the others", async () => {
  const { slow, reading, renewed } = aSlowlyReadingStore();
  const { keeper } = aKeeper(slow);
  const leasing = keeper.lease([batch.id]);
  const failed = expect(leasing).rejects.toThrow("the database is away");
  await pass(1);
  reading.reject(new Error("the database is away"));
  await failed;
  await pass(2);
  expect(renewed).toHaveLength(1);
  keeper.close();
});

test("while one renewal waits for the database no other is begun, until it has taken longer than a lease", async () => {
  const store = aStore([batch]);
  let renewals = 0;
  const silent: Parameters<typeof createLeaseKeeper>[0] = {
    lease: store.lease,
    renew() {
      renewals++;
      return new Promise(() => {});
    },
  };
  const { keeper } = aKeeper(silent);
  await keeper.lease([batch.id]);
  await pass(3);
  expect(renewals).toBe(1);
  await pass(1);
  expect(renewals).toBe(2);
  keeper.close();
});

test("a batch that is forgotten is not prolonged any more", async () => {
  const { slow, reading, renewed } = aSlowlyReadingStore();
  const { keeper } = aKeeper(slow);
  reading.resolve();
  const [held] = await keeper.lease([batch.id]);
  await pass(1);
  if (held) keeper.forget(held);
  await pass(2);
  expect(renewed).toHaveLength(1);
  keeper.close();
});
