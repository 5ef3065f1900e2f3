import { DEFAULT_RETRY_POLICY, type DeliveryLine } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { jest } from "@jest/globals";
import { createDeliverer, type Deliverer } from "./deliver.js";
import type { ClientFor, PushClient, SendResult } from "./ports.js";
import { aBatch, aClient, accepted, aStore, attempted } from "./testing/fake-ports.js";
import { stopClock } from "./testing/stopped-clock.js";

const signal = new AbortController().signal;
const stalled = aBatch(5_000);
const someBatches = () => ({ stalled, behind: aBatch(5, { credential: stalled.credential }), healthy: aBatch(500) });

/** A provider that answers nothing until it is told to. */
function aSilentClient() {
  const settles: ((result: SendResult) => void)[] = [];
  const client: PushClient = {
    prepare: () => ({ send: (_line, settle) => void settles.push(settle) }),
    close: async () => undefined,
  };
  return { client, settles };
}

let batches: ReturnType<typeof someBatches>;
let deliverer: Deliverer;
let store: ReturnType<typeof aStore>;
let silent: ReturnType<typeof aSilentClient>;
const sent: DeliveryLine[] = [];
beforeEach(() => {
  stopClock();
  silent = aSilentClient();
  batches = someBatches();
  store = aStore(Object.values(batches));
  sent.length = 0;
  const healthy = aClient(accepted, sent);
  const clientFor: ClientFor = async ({ credential }) => ({
    client: credential?.id === stalled.credential?.id ? silent.client : healthy,
    release: () => undefined,
  });
  const onError = (error: unknown) => {
    throw error;
  };
  const base = { store, clientFor, retryPolicy: DEFAULT_RETRY_POLICY, leaseMs: 30_000, onError };
  deliverer = createDeliverer({ ...base, windowSize: 300, stalledAfterMs: 100 });
});
afterEach(async () => {
  for (const settle of silent.settles.splice(0)) settle(attempted({ kind: "unknown", code: "TIMEOUT" }));
  await deliverer.drain();
  deliverer.close();
  jest.useRealTimers();
});

test("who waits for answers keeps nobody from beginning the next batches", async () => {
  await deliverer.begin([batches.behind.id], signal);
  expect(silent.settles).toHaveLength(5);
  expect(store.records).toEqual([]);
  await deliverer.begin([batches.healthy.id], signal);
  await until(() => store.records.length === 500);
});

test("a credential that nothing is answered of has its other lines given back, and holds up nobody", async () => {
  const begun = deliverer.begin([stalled.id], signal);
  await until(() => silent.settles.length === 200);
  await deliverer.begin([batches.healthy.id], signal);
  await until(() => store.records.length === 500);
  jest.advanceTimersByTime(500);
  // Nothing more of it waits for its turn, though 200 still wait for their answers.
  await begun;
  const behind = deliverer.begin([batches.behind.id], signal);
  await new Promise(setImmediate);
  jest.advanceTimersByTime(500);
  await behind;
  await until(() => store.released.some(({ id }) => id === batches.behind.id));
  expect(silent.settles).toHaveLength(200);
});

test("once it is drained everything that was begun is on record or given back", async () => {
  await deliverer.begin([batches.healthy.id], signal);
  await deliverer.drain();
  expect(store.records).toHaveLength(500);
});

test("calls on their way are in hand, then their answers until they are on record", async () => {
  await deliverer.begin([batches.behind.id], signal);
  expect([deliverer.inHand(), deliverer.unrecorded()]).toEqual([5, 0]);
  const [first, second] = silent.settles;
  first?.(accepted());
  second?.({ kind: "not-sent", code: "NO_CONNECTION" });
  expect([deliverer.inHand(), deliverer.unrecorded()]).toEqual([4, 1]);
  await until(() => store.records.length === 1);
  await new Promise(setImmediate);
  expect([deliverer.inHand(), deliverer.unrecorded()]).toEqual([3, 0]);
  silent.settles.splice(0, 2);
});

test("what ends without a call is nothing that only this worker knows", async () => {
  const expiresAt = new Date(Date.now() - 1);
  Object.assign(batches.behind, { expiresAt, takenOver: true });
  let take: (() => void) | undefined;
  const record = store.record.bind(store);
  store.record = (...args) => new Promise((resolve) => (take = () => resolve(record(...args))));
  await deliverer.begin([batches.behind.id], signal);
  await until(() => take);
  expect([deliverer.inHand(), deliverer.unrecorded()]).toEqual([0, 0]);
  take?.();
  await deliverer.drain();
  expect(store.records.map(({ errorCode }) => errorCode)).toEqual(Array(5).fill("EXPIRED_UNKNOWN"));
});

test("answers that come after somebody took their batch over are that one's to decide", async () => {
  await deliverer.begin([batches.behind.id], signal);
  store.lost.add(batches.behind.id);
  for (const settle of silent.settles.splice(0)) settle(accepted());
  await deliverer.drain();
  expect(store.records).toEqual([]);
  expect([deliverer.inHand(), deliverer.unrecorded()]).toEqual([0, 0]);
});
