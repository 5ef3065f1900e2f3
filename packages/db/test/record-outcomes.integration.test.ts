import { findOperation } from "@fanfare/db";
import { applyToStats, initialStats, type NotificationStatus } from "@fanfare/domain";
import { accountId, aFannedOutOperation, aRecord, aStore, expectCountersToEqualRows, useDatabase } from "./support.js";

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
  await store.release(first, new Date());
  const [second] = await store.lease(batchIds);
  expect(second?.takenOver).toBe(false);
  expect(second?.recorded.get(1)).toMatchObject({ status: "QUEUED", attempts: 1, lastOutcome: "RETRY" });
  expect(second?.recorded.get(2)).toMatchObject({ status: "SENT" });
  if (!second) throw new Error("not leased");
  await store.record([aRecord(second, retried, { isNew: false, attempts: 2 })]);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 2, queued: 0, attempts: 3 });
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
