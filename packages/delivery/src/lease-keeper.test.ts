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
    release: store.release,
    failureOf: store.failureOf,
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
  const failed = expect(leasing).rejects.toThrow("the rows are damaged");
  await pass(1);
  reading.reject(new RangeError("the rows are damaged"));
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
    release: store.release,
    failureOf: store.failureOf,
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

test("a batch that was given back while it was to be prolonged is not said to be lost", async () => {
  const store = aStore([batch]);
  let answer = (_renewed: { held: Set<string>; canceled: Set<string> }) => {};
  const renew = () => new Promise<{ held: Set<string>; canceled: Set<string> }>((resolve) => (answer = resolve));
  const { keeper, lost } = aKeeper({ ...store, renew });
  const [held] = await keeper.lease([batch.id]);
  await pass(1);
  await held?.giveBack({ dueAt: new Date(), untried: true });
  answer({ held: new Set(), canceled: new Set() });
  await pass(1);
  expect(lost).toEqual([]);
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

const left = { dueAt: new Date(), untried: true };

test("a batch that this process holds is not leased a second time, though its lease ran out, until it is given back", async () => {
  const store = aStore([batch]);
  const asked: string[] = [];
  const away = { renew: () => Promise.reject(new Error("the database is away")) };
  const lease: typeof store.lease = (ids, onLeased) => {
    asked.push(...ids);
    return store.lease(ids, onLeased);
  };
  const keeper = createLeaseKeeper({ ...store, ...away, lease }, { leaseMs: LEASE_MS, onError: () => undefined });
  const [held] = await keeper.lease([batch.id]);
  await pass(10);
  expect(held?.isHeld()).toBe(false);
  expect(await keeper.lease([batch.id])).toEqual([]);
  expect(asked).toEqual([batch.id]);
  await held?.giveBack(left);
  expect(await keeper.lease([batch.id])).toHaveLength(1);
  keeper.close();
});

test("a lease that ran out is given back: nobody has to guess what was sent. One that was given up is not", async () => {
  const other = aBatch(2);
  const store = aStore([batch, other]);
  const away = { renew: () => Promise.reject(new Error("the database is away")) };
  const keeper = createLeaseKeeper({ ...store, ...away }, { leaseMs: LEASE_MS, onError: () => undefined });
  const [ranOut, givenUp] = await keeper.lease([batch.id, other.id]);
  await pass(10);
  givenUp?.lose();
  await ranOut?.giveBack(left);
  await givenUp?.giveBack(left);
  expect(store.released).toEqual([{ id: batch.id, ...left }]);
  keeper.close();
});

test("with the database away batches are leased once it is back, under the name of the first try, whose answer may be lost", async () => {
  const store = aStore([batch]);
  const calls: (string | undefined)[] = [];
  const lease: Parameters<typeof createLeaseKeeper>[0]["lease"] = async (ids, onLeased, call) => {
    calls.push(call);
    if (calls.length < 4) throw new Error("the database is away");
    return store.lease(ids, onLeased);
  };
  const errors: unknown[] = [];
  const keeper = createLeaseKeeper({ ...store, lease }, { leaseMs: LEASE_MS, onError: (error) => errors.push(error) });
  const leasing = keeper.lease([batch.id]);
  for (let second = 0; second < 4; second++) {
    await new Promise(setImmediate);
    await pass(1);
  }
  expect(await leasing).toHaveLength(1);
  expect(errors).toHaveLength(3);
  expect(calls).toHaveLength(4);
  expect(new Set(calls).size).toBe(1);
  await keeper.lease([aBatch(1).id]);
  expect(new Set(calls).size).toBe(2);
  keeper.close();
});

test("with the database away batches are given back once it is back: nobody is to take their worker for lost", async () => {
  const store = aStore([batch]);
  const errors: unknown[] = [];
  const release: typeof store.release = async (ref, what) => {
    if (errors.length < 3) throw new Error("the database is away");
    await store.release(ref, what);
  };
  const keeper = createLeaseKeeper(
    { ...store, release },
    { leaseMs: LEASE_MS, onError: (error) => errors.push(error) },
  );
  const [held] = await keeper.lease([batch.id]);
  const givingBack = held?.giveBack(left);
  for (let second = 0; second < 4; second++) {
    await new Promise(setImmediate);
    await pass(1);
  }
  await givingBack;
  expect(store.released).toEqual([{ id: batch.id, ...left }]);
  keeper.close();
});

test("a worker that stops does not wait for the database", async () => {
  const store = aStore([batch]);
  const away = () => Promise.reject(new Error("the database is away"));
  const keeper = createLeaseKeeper({ ...store, release: away }, { leaseMs: LEASE_MS, onError: () => undefined });
  const [held] = await keeper.lease([batch.id]);
  await expect(held?.giveBack(left, AbortSignal.abort())).rejects.toThrow("the database is away");
  keeper.close();
  const other = createLeaseKeeper({ ...store, lease: away }, { leaseMs: LEASE_MS, onError: () => undefined });
  await expect(other.lease([batch.id], AbortSignal.abort())).rejects.toThrow("the database is away");
  other.close();
});
