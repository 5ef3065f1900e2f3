import { connectDb, findOperation } from "@fanfare/db";
import { applyToStats, initialStats, leaseKey, type NotificationStatus } from "@fanfare/domain";
import {
  accountId,
  aFannedOutOperation,
  anAddressedOperation,
  aRecord,
  aStore,
  expectCountersToEqualRows,
  useDatabase,
} from "./support.js";

const used = useDatabase();

test("a whole batch is recorded: rows, attempts and counters, the batch is gone and the operation COMPLETED", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 3);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  await store.record(batch.lines.map((line) => aRecord(batch, line)));
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ total: 3, sent: 3, queued: 0, attempts: 3 });
  expect(await used.db.deliveryBatch.count({ where: { operationId: id } })).toBe(0);
  expect((await findOperation(used.db, accountId, id))?.status).toBe("COMPLETED");
});

test("a worker that lost its lease records nothing at all", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const [stale] = await aStore(used.db, "worker-1", 1).lease(batchIds);
  const [current] = await leaseWhenDue(batchIds);
  if (!stale || !current) throw new Error("not leased");
  expect(current.takenOver).toBe(true);
  const refused = await aStore(used.db).record(stale.lines.map((line) => aRecord(stale, line)));
  expect(refused.size).toBe(0);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 2, sent: 0, attempts: 0 });
  const written = await aStore(used.db).record(current.lines.map((line) => aRecord(current, line)));
  expect(written.size).toBe(1);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 0, sent: 2, attempts: 2 });
});

// Its database was away for longer than the lease: the worker itself has leased the batch anew, and sends what it has sent.
test.each([
  ["one address", false],
  ["several addresses", true],
])(
  "recipients with %s: records of a lease that ran out are not written beside those of the batch's new one",
  async (_what, addressed) => {
    const { id, batchIds } = await (addressed
      ? anAddressedOperation(used.db, "a", "b")
      : aFannedOutOperation(used.db, 2));
    const [stale] = await aStore(used.db, "worker-2", 1).lease(batchIds);
    const [current] = await leaseWhenDue(batchIds);
    const [first, second] = current?.lines ?? [];
    if (!stale || !current || !first || !second) throw new Error("not leased");
    const isNew = !addressed;
    const store = aStore(used.db, "worker-2");
    const written = await store.record([
      ...stale.lines.map((line) => aRecord(stale, line, { isNew })),
      aRecord(current, first, { isNew }),
    ]);
    expect(written).toEqual(new Set([leaseKey(current)]));
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ attempts: 1 });
    expect(await store.record([aRecord(current, second, { isNew })])).toEqual(new Set([leaseKey(current)]));
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 0, attempts: 2 });
  },
);

test("what a dead worker may have sent is known until it was tried, whoever gives the batch back meanwhile", async () => {
  const { batchIds } = await aFannedOutOperation(used.db, 2);
  const store = aStore(used.db, "worker-1", 1);
  const [before] = await store.lease(batchIds);
  if (!before) throw new Error("not leased");
  const attempt = { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
  const retry = { status: "QUEUED", errorCode: "UNAVAILABLE", nextAttemptAt: new Date(), attempt } as const;
  await store.record(before.lines.map((line) => aRecord(before, line, retry)));
  await store.release(before, { dueAt: new Date(), untried: false });
  // This one sends both again, and dies.
  expect((await store.lease(batchIds))[0]?.takenOver).toBe(false);
  const [heir] = await leaseWhenDue(batchIds);
  if (!heir) throw new Error("not leased");
  expect(heir.takenOver).toBe(true);
  await store.release(heir, { dueAt: new Date(), untried: true });
  const [next] = await store.lease(batchIds);
  expect(next?.takenOver).toBe(true);
  if (!next) throw new Error("not leased");
  await store.release(next, { dueAt: new Date(), untried: false });
  expect((await store.lease(batchIds))[0]?.takenOver).toBe(false);
});

test("a retried line keeps its row, gets another attempt, and is counted once", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const store = aStore(used.db);
  const [first] = await store.lease(batchIds);
  const [retried, other] = first?.lines ?? [];
  if (!first || !retried || !other) throw new Error("not leased");
  const attempt = { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
  await store.record([
    aRecord(first, retried, { status: "QUEUED", errorCode: "UNAVAILABLE", nextAttemptAt: new Date(), attempt }),
    aRecord(first, other),
  ]);
  await store.release(first, { dueAt: new Date(), untried: false });
  const [second] = await store.lease(batchIds);
  expect(second?.takenOver).toBe(false);
  expect(second?.recorded.get("1")).toMatchObject({ status: "QUEUED", attempts: 1, lastOutcome: "RETRY" });
  expect(second?.recorded.get("2")).toMatchObject({ status: "SENT" });
  if (!second) throw new Error("not leased");
  await store.record([aRecord(second, retried, { isNew: false, attempts: 2 })]);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 2, queued: 0, attempts: 3 });
});

test("an attempt without an answer stays unknown while those after it are told to come back", async () => {
  const { batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  const outcomes = [
    ["UNKNOWN", false, "UNKNOWN"],
    ["RETRY", true, "UNKNOWN"],
    ["RETRY", true, "UNKNOWN"],
  ] as const;
  for (const [index, [outcome, mayRepeat, expected]] of outcomes.entries()) {
    const [batch] = await store.lease(batchIds);
    const [line] = batch?.lines ?? [];
    if (!batch || !line) throw new Error("not leased");
    const attempt = { outcome, mayRepeat, latencyMs: 1, startedAt: new Date() };
    const queued = { status: "QUEUED" as const, errorCode: "CODE", nextAttemptAt: new Date(), attempt };
    await store.record([aRecord(batch, line, { ...queued, isNew: index === 0, attempts: index + 1 })]);
    await store.release(batch, { dueAt: new Date(), untried: false });
    const [after] = await store.lease(batchIds);
    if (!after) throw new Error("not leased");
    expect(after.recorded.get("1")).toMatchObject({ lastOutcome: expected });
    await store.release(after, { dueAt: new Date(), untried: false });
  }
});

test("one statement records batches of many operations, and each operation's counters move by its own", async () => {
  const operations = await Promise.all([1, 2, 3].map((count) => aFannedOutOperation(used.db, count)));
  const store = aStore(used.db);
  const batches = await store.lease(operations.flatMap(({ batchIds }) => batchIds));
  await store.record(batches.flatMap((batch) => batch.lines.map((line) => aRecord(batch, line))));
  for (const [index, { id }] of operations.entries()) {
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: index + 1 });
  }
});

test("flushes of many workers over the same operations neither deadlock nor lose a count", async () => {
  const operations = await Promise.all(Array.from({ length: 8 }, () => aFannedOutOperation(used.db, 20)));
  const store = aStore(used.db);
  const batches = await store.lease(operations.flatMap(({ batchIds }) => batchIds));
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const order = index % 2 === 0 ? batches : [...batches].reverse();
      return store.record(
        order.flatMap((batch) => batch.lines.slice(index, index + 1).map((line) => aRecord(batch, line))),
      );
    }),
  );
  for (const { id } of operations) {
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 20, queued: 0, attempts: 20 });
  }
});

// The database moves the counters by its own statement; the domain's fold is the specification.
test("the statement moves the counters as the domain's fold does", async () => {
  const outcomes: NotificationStatus[] = ["SENT", "UNDELIVERED", "FAILED", "QUEUED", "SENT", "QUEUED"];
  const { id, batchIds } = await aFannedOutOperation(used.db, outcomes.length);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  let expected = initialStats(outcomes.length);
  for (const [index, status] of outcomes.entries()) {
    const line = batch.lines[index];
    if (!line) throw new Error("no line");
    const nextAttemptAt = status === "QUEUED" ? new Date() : undefined;
    await store.record([aRecord(batch, line, { status, nextAttemptAt })]);
    expected = applyToStats(expected, { kind: "attempted" });
    expected = applyToStats(expected, { kind: "moved", from: "QUEUED", to: status });
    expect(await expectCountersToEqualRows(used.db, id)).toEqual(expected);
  }
});

test("a notification that no provider was called for gets its row without an attempt", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  const [line] = batch?.lines ?? [];
  if (!batch || !line) throw new Error("not leased");
  const expired = { status: "UNDELIVERED" as const, attempts: 0, errorCode: "EXPIRED", attempt: undefined };
  await store.record([aRecord(batch, line, expired)]);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ undelivered: 1, attempts: 0 });
});

async function leaseWhenDue(batchIds: string[]) {
  for (;;) {
    const leased = await aStore(used.db, "worker-2").lease(batchIds);
    if (leased.length > 0) return leased;
  }
}

describe("records that are made again because their answer was lost are on record once:", () => {
  const retry = {
    ...{ status: "QUEUED" as const, errorCode: "UNAVAILABLE", nextAttemptAt: new Date(Date.now() + 60_000) },
    attempt: { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() },
  };
  const canceled = { isNew: false, status: "CANCELED" as const, attempt: undefined };

  test("first and later ones, with an attempt and without, beside one that is new", async () => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 4);
    const store = aStore(used.db);
    const [batch] = await store.lease(batchIds);
    const [sent, retried, other, last] = batch?.lines ?? [];
    if (!batch || !sent || !retried || !other || !last) throw new Error("not leased");
    const first = [aRecord(batch, sent), aRecord(batch, retried, retry)];
    await store.record(first);
    const held = await store.record([...first, aRecord(batch, other)], { again: true });
    expect(held).toEqual(new Set([leaseKey(batch)]));
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 2, queued: 2, attempts: 3 });
    const second = [aRecord(batch, retried, canceled)];
    await store.record(second);
    await store.record(second, { again: true });
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({
      sent: 2,
      canceled: 1,
      queued: 1,
      attempts: 3,
    });
    await store.record([aRecord(batch, last)], { again: true });
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({
      sent: 3,
      canceled: 1,
      queued: 0,
      attempts: 4,
    });
    expect(await used.db.deliveryBatch.count({ where: { operationId: id } })).toBe(0);
  });

  test("those of a recipient with several addresses", async () => {
    const { id, batchIds } = await anAddressedOperation(used.db, "a", "b", "c");
    const store = aStore(used.db);
    const [batch] = await store.lease(batchIds);
    const [first, second, third] = batch?.lines ?? [];
    if (!batch || !first || !second || !third) throw new Error("not leased");
    const dead = { isNew: false, status: "UNDELIVERED" as const, errorCode: "UNREGISTERED" };
    const records = [aRecord(batch, first, dead), aRecord(batch, second, { ...retry, isNew: false })];
    await store.record(records);
    await store.record(records, { again: true });
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 1, attempts: 2 });
    await store.record([...records, aRecord(batch, third, { isNew: false })], { again: true });
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 1, queued: 0, attempts: 3 });
  });
});

// The recorder asks this before it makes a statement again: what is refused for what it says would be refused for ever.
test.each([
  ["a number that its column can not hold", { httpStatus: 70_000 }],
  ["a value that its type does not have", { blame: "nobody" as "token" }],
  ["a text with U+0000", { detail: "a\u0000b" }],
])(
  "%s makes the database refuse the records, writes none of them, and is told from other failures",
  async (_what, fields) => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 2);
    const store = aStore(used.db);
    const [batch] = await store.lease(batchIds);
    if (!batch) throw new Error("not leased");
    const attempt = { outcome: "REJECTED" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date(), ...fields };
    const records = batch.lines.map((line, index) => aRecord(batch, line, index === 0 ? { attempt } : {}));
    const error = await store.record(records).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    expect(store.failureOf(error)).toBe("refused");
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 2, sent: 0, attempts: 0 });
    const away = connectDb("postgres://nobody@127.0.0.1:1/none");
    const unreachable = await aStore(away)
      .record(records)
      .catch((refusal: unknown) => refusal);
    await away.$disconnect();
    expect(store.failureOf(unreachable)).toBe("transient");
  },
);
