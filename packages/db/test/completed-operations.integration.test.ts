import {
  type CompletedOperation,
  cancelOperation,
  cancelUnheldBatches,
  createProviderStore,
  holdRecipientBatches,
  redriveOperation,
  replaceByFannedOut,
} from "@fanfare/db";
import type { LeasedBatch } from "@fanfare/domain";
import { aMessage, patient, someRecipients, until } from "@fanfare/testkit";
import { accept, accountId, aFannedOutOperation, anAddressedOperation, aRecord, useDatabase } from "./support.js";

const used = useDatabase();

/** The store of a worker, and what it was told of completed operations. */
function aWorker(holder: string, leaseMs = 30_000) {
  const told: CompletedOperation[] = [];
  const onCompleted = (completed: readonly CompletedOperation[]) => void told.push(...completed);
  return { told, ...createProviderStore(used.db, { provider: "FCM", holder, leaseMs, onCompleted }) };
}

type Worker = ReturnType<typeof aWorker>;

async function lease(worker: Worker, batchIds: readonly string[]): Promise<LeasedBatch> {
  const [batch] = await worker.lease(batchIds);
  if (!batch) throw new Error("not leased");
  return batch;
}

const recordsOf = (batch: LeasedBatch, isNew = true) => batch.lines.map((line) => aRecord(batch, line, { isNew }));

test("whoever records the last line is told that the operation is completed, with its counters", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const [first, last] = [aWorker("worker-1"), aWorker("worker-2")];
  const [one, other] = recordsOf(await lease(first, batchIds));
  if (!one || !other) throw new Error("two lines expected");
  await first.record([one]);
  expect(first.told).toEqual([]);
  await last.record([other]);
  const counters = { total: 2, recipients: 2, sent: 2, attempts: 2, queued: 0, failed: 0, unaddressable: 0 };
  const stats = expect.objectContaining(counters);
  expect(last.told).toEqual([expect.objectContaining({ id, accountId, status: "COMPLETED", stats })]);
  expect(first.told).toEqual([]);
});

// It is sent with the first of them that is; the others are only counted.
test("who tries the other addresses of the last recipient is not told once more", async () => {
  const { id, batchIds } = await anAddressedOperation(used.db, "a", "b");
  const [first, last] = [aWorker("worker-1"), aWorker("worker-2")];
  const [one, other] = recordsOf(await lease(first, batchIds), false);
  if (!one || !other) throw new Error("two lines expected");
  await first.record([one]);
  await last.record([other]);
  expect(first.told).toEqual([expect.objectContaining({ id, status: "COMPLETED" })]);
  expect(last.told).toEqual([]);
});

test("of two workers that record their halves at once one is told", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1_001);
  const workers = [aWorker("worker-1"), aWorker("worker-2")];
  const batches = await Promise.all(workers.map((worker, index) => lease(worker, batchIds.slice(index, index + 1))));
  await Promise.all(workers.map((worker, index) => worker.record(recordsOf(batches[index] as LeasedBatch))));
  expect(workers.flatMap(({ told }) => told).map((operation) => operation.id)).toEqual([id]);
});

test("a worker that was taken over is not told, who took over is", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1);
  const [stale, heir] = [aWorker("worker-1", 1), aWorker("worker-2")];
  const lost = await lease(stale, batchIds);
  let held: LeasedBatch[] = [];
  await until(async () => {
    held = await heir.lease(batchIds);
    return held.length > 0;
  });
  const before = new Date(Date.now() - 60_000);
  const late = lost.lines.map((line) => aRecord(lost, line));
  for (const { attempt } of late) if (attempt) attempt.startedAt = before;
  await stale.record(late);
  await heir.record(recordsOf(held[0] as LeasedBatch));
  await stale.record(late, { again: true });
  expect(stale.told).toEqual([]);
  expect(heir.told.map((operation) => operation.id)).toEqual([id]);
});

// The tries of one worker: the first was committed, and its answer never came.
test.each([
  ["at once", (records: ReturnType<typeof recordsOf>) => [records]],
  ["in halves", (records: ReturnType<typeof recordsOf>) => [records.slice(0, 1), records.slice(1)]],
])(
  "that an operation is completed is told once when the answer was lost and its records are made again %s",
  async (_how, parts) => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 2);
    const [unanswered, worker] = [aWorker("worker-1"), aWorker("worker-1")];
    const records = recordsOf(await lease(unanswered, batchIds));
    await unanswered.record(records);
    for (const part of parts(records)) await worker.record(part, { again: true });
    expect(worker.told.map((operation) => operation.id)).toEqual([id]);
  },
);

test("that an operation is completed is told once when only the second try was committed", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1);
  const worker = aWorker("worker-1");
  await worker.record(recordsOf(await lease(worker, batchIds)), { again: true });
  expect(worker.told.map((operation) => operation.id)).toEqual([id]);
});

test("a redriven operation is told again when it has come to its end", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1);
  const worker = aWorker("worker-1");
  const batch = await lease(worker, batchIds);
  await worker.record(
    batch.lines.map((line) => aRecord(batch, line, { status: "FAILED", errorCode: "WORKER_CRASHED" })),
  );
  await redriveOperation(used.db, id, ["WORKER_CRASHED"]);
  const [redriven] = await used.db.deliveryBatch.findMany({ where: { operationId: id } });
  const again = await lease(worker, [redriven?.id ?? ""]);
  await worker.record(again.lines.map((line) => aRecord(again, line, { isNew: false, attempts: 2 })));
  expect(worker.told.map(({ stats: { sent, failed } }) => ({ sent, failed }))).toEqual([
    { sent: 0, failed: 1 },
    { sent: 1, failed: 0 },
  ]);
});

test("an operation of which nothing can be sent is told by who fans it out", async () => {
  const recipients = someRecipients(3).map(({ token }) => ({ provider: "FCM" as const, token }));
  const { id, batches } = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients });
  const ids = batches.map((batch) => batch.id);
  const [source] = await holdRecipientBatches(used.db, ids, 60_000);
  if (!source) throw new Error("not held");
  const error = { code: "RENDER_ERROR", detail: "No such filter." };
  const notifications = [{ ordinal: 1, status: "FAILED" as const, error, addresses: [] }];
  const told: CompletedOperation[] = [];
  const made = new Map([[source, { deliveryBatches: [], notifications, unaddressable: 2 }]]);
  for (let times = 0; times < 2; times++) {
    await replaceByFannedOut(used.db, made, { onCompleted: (completed) => told.push(...completed) });
  }
  const stats = expect.objectContaining({ total: 1, recipients: 3, unaddressable: 2, failed: 1 });
  expect(told).toEqual([expect.objectContaining({ id, status: "COMPLETED", stats })]);
});

test("a canceled operation is told by who cancels the last of it", async () => {
  const { id } = await aFannedOutOperation(used.db, 2);
  const told: CompletedOperation[] = [];
  await cancelOperation(used.db, accountId, id, (completed) => told.push(...completed));
  await cancelUnheldBatches(used.db, id, (completed) => told.push(...completed));
  const stats = expect.objectContaining({ canceled: 2, queued: 0 });
  expect(told).toEqual([expect.objectContaining({ id, status: "CANCELED", stats })]);
});

test("a canceled operation is told as CANCELED by the worker that has the last of it in its hands", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const worker = aWorker("worker-1");
  const batch = await lease(worker, batchIds);
  const told: CompletedOperation[] = [];
  await cancelOperation(used.db, accountId, id, (completed) => told.push(...completed));
  expect(told).toEqual([]);
  const [sent, canceled] = recordsOf(batch);
  if (!sent || !canceled) throw new Error("two lines expected");
  await worker.record([sent, { ...canceled, status: "CANCELED", attempts: 0, attempt: undefined }]);
  const stats = expect.objectContaining({ sent: 1, canceled: 1 });
  expect(worker.told).toEqual([expect.objectContaining({ id, status: "CANCELED", stats })]);
});

test("its seconds are from when an operation that was put off was due", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const worker = aWorker("worker-1");
  const [one, other] = recordsOf(await lease(worker, batchIds));
  if (!one || !other) throw new Error("two lines expected");
  await used.db.$executeRaw`
    update operations set created_at = now() - interval '1 hour', scheduled_for = now() - interval '90 seconds'
    where id = ${id}::uuid`;
  await worker.record([one, other]);
  const seconds = worker.told[0]?.secondsSinceDue ?? 0;
  expect(seconds).toBeGreaterThanOrEqual(90);
  expect(seconds).toBeLessThan(90 + patient(30_000) / 1_000);
});
