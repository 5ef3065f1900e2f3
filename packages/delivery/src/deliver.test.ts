import { DEFAULT_RETRY_POLICY, type DeliveryLine, type LeasedBatch, type RecordedLine } from "@fanfare/domain";
import { createDeliverer, type DelivererOptions } from "./deliver.js";
import type { PushClient } from "./ports.js";
import { aBatch, aClient, accepted, always, aStore, attempted } from "./testing/fake-ports.js";

async function deliver(
  batch: LeasedBatch,
  client: PushClient,
  options: Partial<DelivererOptions> = {},
  signal = new AbortController().signal,
) {
  const store = aStore([batch]);
  const retryPolicy = DEFAULT_RETRY_POLICY;
  const onError = () => undefined;
  const deliverer = createDeliverer({
    store,
    clientFor: always(client),
    retryPolicy,
    leaseMs: 30_000,
    onError,
    ...options,
  });
  await deliverer.deliver([batch.id], signal);
  deliverer.close();
  return store;
}

test("every line is sent once and recorded once, in micro-batches", async () => {
  const store = await deliver(aBatch(300), aClient(accepted));
  expect(store.records.map(({ line, status, attempts }) => [line.ordinal, status, attempts])).toEqual(
    Array.from({ length: 300 }, (_, index) => [index + 1, "SENT", 1]),
  );
  expect(store.flushes).toBeLessThan(30);
  expect(store.released).toEqual([]);
});

test("no more lines than the window holds are between sending and recording", async () => {
  let open = 0;
  let most = 0;
  const client = aClient(() => {
    open--;
    return accepted();
  });
  const prepare = client.prepare;
  client.prepare = (operation) => {
    const prepared = prepare(operation);
    return {
      send(line, settle) {
        most = Math.max(most, ++open);
        prepared.send(line, settle);
      },
    };
  };
  await deliver(aBatch(100), client, { windowSize: 7 });
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(7);
});

test("a retry is recorded with its time, and the batch is given back for the earliest one", async () => {
  const batch = aBatch(3);
  const client = aClient(({ ordinal }) =>
    ordinal === 2 ? attempted({ kind: "retry", code: "UNAVAILABLE", retryAfterMs: 5_000 }) : accepted(),
  );
  const { records, released } = await deliver(batch, client, { random: () => 0 });
  const retried = records.find(({ line }) => line.ordinal === 2);
  expect(retried).toMatchObject({ status: "QUEUED", errorCode: "UNAVAILABLE", attempt: { outcome: "RETRY" } });
  expect(released).toEqual([{ id: batch.id, dueAt: retried?.nextAttemptAt, untried: false }]);
});

test.each([Number.POSITIVE_INFINITY, 1e300, Number.NaN])(
  "a client that asks for %s ms has its batch given back within an hour",
  async (ms) => {
    const latest = Date.now() + 3_600_000 + 60_000;
    const notSent = () => ({ kind: "not-sent", code: "X", retryAfterMs: ms }) as const;
    const heldBack = { ...aClient(accepted), heldBackMs: () => ms };
    const refused = { kind: "rejected", blame: "credential", code: "X", retryAfterMs: ms } as const;
    for (const client of [aClient(notSent), heldBack, aClient(() => attempted(refused))]) {
      // A batch that lives on beyond the wait: else it would have expired by then, and be over.
      const { released, records } = await deliver(aBatch(1, { expiresAt: new Date(latest + 60_000) }), client);
      if (records[0]?.status === "SENT") continue;
      expect(released).toHaveLength(1);
      expect(released[0]?.dueAt.getTime()).toBeLessThanOrEqual(latest);
    }
  },
);

test("lines that are finished or not due yet are left alone", async () => {
  const later = new Date(Date.now() + 60_000);
  const recorded = new Map<string, RecordedLine>([
    ["1", { status: "SENT", attempts: 1, nextAttemptAt: null, lastOutcome: "ACCEPTED", firstAttemptAt: null }],
    ["2", { status: "QUEUED", attempts: 1, nextAttemptAt: later, lastOutcome: "RETRY", firstAttemptAt: null }],
    ["3", { status: "QUEUED", attempts: 2, nextAttemptAt: new Date(0), lastOutcome: "RETRY", firstAttemptAt: null }],
  ]);
  const sent: DeliveryLine[] = [];
  const batch = aBatch(4, { recorded });
  const { records, released } = await deliver(batch, aClient(accepted, sent));
  expect(sent.map(({ ordinal }) => ordinal)).toEqual([3, 4]);
  expect(records.map(({ line, isNew, attempts }) => [line.ordinal, isNew, attempts])).toEqual([
    [3, false, 3],
    [4, true, 1],
  ]);
  expect(released).toEqual([{ id: batch.id, dueAt: later, untried: false }]);
});

test("what may have been sent before is marked: after a take-over, and after an unknown outcome", async () => {
  const recorded = new Map<string, RecordedLine>([
    ["1", { status: "QUEUED", attempts: 1, nextAttemptAt: new Date(0), lastOutcome: "UNKNOWN", firstAttemptAt: null }],
  ]);
  const unknown = await deliver(aBatch(2, { recorded }), aClient(accepted));
  expect(unknown.records.map(({ attempt }) => attempt?.mayRepeat)).toEqual([true, false]);
  const takenOver = await deliver(aBatch(2, { takenOver: true }), aClient(accepted));
  expect(takenOver.records.map(({ attempt }) => attempt?.mayRepeat)).toEqual([true, true]);
});

test("what waited longer than its TTL is EXPIRED without a call, and TTL 0 means one attempt", async () => {
  const sent: DeliveryLine[] = [];
  const past = { expiresAt: new Date(0) };
  const { records } = await deliver(aBatch(1, past), aClient(accepted, sent));
  expect(sent).toEqual([]);
  expect(records).toMatchObject([{ status: "UNDELIVERED", errorCode: "EXPIRED", attempts: 0 }]);
  expect(records[0]?.attempt).toBeUndefined();
  const once = await deliver(
    aBatch(1, { ...past, message: { ...aBatch(1).message, ttl: 0 } }),
    aClient(accepted, sent),
  );
  expect(once.records).toMatchObject([{ status: "SENT", attempts: 1 }]);
});

test.each([
  [60, false],
  [0, true],
])("whether a line with a TTL of %d s that waits beyond it is still wanted: %s", async (ttl, expected) => {
  let expiresAt = new Date(Date.now() + 60_000);
  const asked: boolean[] = [];
  const batch = aBatch(1, { message: { ...aBatch(1).message, ttl } });
  Object.defineProperty(batch, "expiresAt", { get: () => expiresAt });
  const client: PushClient = {
    prepare: () => ({
      send(_line, settle, isWanted) {
        // The wait for a connection is over, and so is the TTL.
        expiresAt = new Date(0);
        asked.push(isWanted?.() ?? true);
        settle(asked[0] ? accepted() : { kind: "not-sent", code: "NOT_WANTED" });
      },
    }),
    close: async () => {},
  };
  const { records, released } = await deliver(batch, client);
  expect(asked).toEqual([expected]);
  expect(records).toHaveLength(expected ? 1 : 0);
  // Whoever leases it next, at once, finds that it has expired.
  if (!expected) expect(released[0]?.dueAt.getTime()).toBeLessThanOrEqual(Date.now());
});

describe("a line that ends without another call after one that may have been made is not said to be unsent:", () => {
  const past = { expiresAt: new Date(0) };
  const waiting = (lastOutcome: "RETRY" | "UNKNOWN", nextAttemptAt = new Date(0)) =>
    new Map<string, RecordedLine>([
      ["1", { status: "QUEUED", attempts: 1, nextAttemptAt, lastOutcome, firstAttemptAt: null }],
    ]);
  const lost = { outcome: "UNKNOWN", providerCode: "WORKER_LOST", mayRepeat: false };

  test.each([
    ["expired", past, { status: "UNDELIVERED", errorCode: "EXPIRED_UNKNOWN" }],
    ["canceled", { canceled: true }, { status: "CANCELED", errorCode: "OUTCOME_UNKNOWN" }],
    ["wanted once", { onUnknown: "fail" as const }, { status: "FAILED", errorCode: "OUTCOME_UNKNOWN" }],
    ["without a credential", { credential: null }, { status: "FAILED", errorCode: "NO_CREDENTIAL" }],
    ["convicted", { suspicion: "convicted" as const }, { status: "FAILED", errorCode: "WORKER_CRASHED" }],
  ])("%s, the call that a lost worker may have made is on record", async (_why, fields, end) => {
    const { records } = await deliver(aBatch(1, { ...fields, takenOver: true }), aClient(accepted));
    expect(records).toMatchObject([{ ...end, isNew: true, attempts: 1, attempt: lost }]);
    const again = await deliver(
      aBatch(1, { ...fields, takenOver: true, recorded: waiting("RETRY") }),
      aClient(accepted),
    );
    expect(again.records).toMatchObject([{ ...end, isNew: false, attempts: 2, attempt: lost }]);
  });

  test("expired, the call whose outcome is not known is on record already", async () => {
    const { records } = await deliver(aBatch(1, { ...past, recorded: waiting("UNKNOWN") }), aClient(accepted));
    expect(records).toMatchObject([{ status: "UNDELIVERED", errorCode: "EXPIRED_UNKNOWN", attempts: 1 }]);
    expect(records[0]?.attempt).toBeUndefined();
  });

  test("but what was not due when the worker was lost can not have been sent by it", async () => {
    const recorded = waiting("RETRY", new Date(Date.now() + 60_000));
    const { records } = await deliver(aBatch(1, { ...past, takenOver: true, recorded }), aClient(accepted));
    expect(records).toMatchObject([{ status: "UNDELIVERED", errorCode: "EXPIRED", attempts: 1 }]);
  });
});

test("with no provider in reach nothing is recorded, and the batch is given back for later", async () => {
  const beganAt = Date.now();
  const { records, released } = await deliver(
    aBatch(3),
    aClient(() => ({ kind: "not-sent", code: "ECONNREFUSED" })),
  );
  expect(records).toEqual([]);
  expect(released[0]?.dueAt.getTime()).toBeGreaterThan(beganAt);
  expect(released[0]?.untried).toBe(true);
});

test("an aborted delivery sends nothing more, records what was in flight, and gives the rest back at once", async () => {
  const abort = new AbortController();
  const sent: DeliveryLine[] = [];
  const client = aClient(({ ordinal }) => {
    if (ordinal === 3) abort.abort();
    return accepted();
  }, sent);
  const { records, released } = await deliver(aBatch(50), client, { windowSize: 5 }, abort.signal);
  expect(sent.length).toBeLessThan(50);
  expect(records).toHaveLength(sent.length);
  expect(released[0]?.dueAt.getTime()).toBeLessThanOrEqual(Date.now());
  expect(released[0]?.untried).toBe(true);
});

test("a worker whose lease was lost stops sending, gives nothing back, and says so", async () => {
  const batch = aBatch(100);
  const store = aStore([batch]);
  const sent: DeliveryLine[] = [];
  const lost: string[] = [];
  store.lost.add(batch.id);
  const deliverer = createDeliverer({
    store,
    clientFor: always(aClient(accepted, sent)),
    retryPolicy: DEFAULT_RETRY_POLICY,
    leaseMs: 30_000,
    windowSize: 10,
    onError: () => undefined,
    onLeaseLost: ({ id }) => lost.push(id),
  });
  await deliverer.deliver([batch.id], new AbortController().signal);
  deliverer.close();
  expect(lost).toEqual([batch.id]);
  expect(sent.length).toBeLessThanOrEqual(20);
  expect(store.records).toEqual([]);
  expect(store.released).toEqual([]);
});

test("a worker that was stopped past its lease sends nothing when it wakes", async () => {
  const sent: DeliveryLine[] = [];
  await deliver(aBatch(10), aClient(accepted, sent), { leaseMs: 0.001 });
  expect(sent).toEqual([]);
});

test("a flush that fails is made again, and nothing is lost", async () => {
  const batch = aBatch(5);
  const store = aStore([batch]);
  const { record } = store;
  let failures = 2;
  const errors: unknown[] = [];
  store.record = async function (written) {
    if (failures-- > 0) throw new Error("the database is away");
    return record.call(this, written);
  };
  const deliverer = createDeliverer({
    store,
    clientFor: always(aClient(accepted)),
    retryPolicy: DEFAULT_RETRY_POLICY,
    leaseMs: 30_000,
    onError: (error) => errors.push(error),
  });
  await deliverer.deliver([batch.id], new AbortController().signal);
  deliverer.close();
  expect(errors).toHaveLength(2);
  expect(store.records).toHaveLength(5);
});
