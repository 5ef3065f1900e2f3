import { cancelOperation, findOperation, redriveOperation } from "@fanfare/db";
import { until } from "@fanfare/testkit";
import { accountId, aFannedOutOperation, aRecord, aStore, expectCountersToEqualRows, useDatabase } from "./support.js";

const used = useDatabase();

test("a request to cancel is no new state of an operation until one of its recipients is canceled", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const store = aStore(used.db);
  const [lease] = await store.lease(batchIds);
  if (!lease) throw new Error("not leased");
  const before = await findOperation(used.db, accountId, id);
  // All is held by a worker.
  for (const _request of [1, 2]) expect(await cancelOperation(used.db, accountId, id)).toBe("canceled");
  expect(await findOperation(used.db, accountId, id)).toEqual({ ...before, cancelRequestedAt: expect.any(Date) });
  await store.release(lease, { dueAt: new Date(), untried: true });
  expect(await cancelOperation(used.db, accountId, id)).toBe("canceled");
  const after = await findOperation(used.db, accountId, id);
  expect(after).toMatchObject({ status: "CANCELED", stats: { canceled: 2, queued: 0 } });
  expect(after?.updatedAt.getTime()).toBeGreaterThan(before?.updatedAt.getTime() ?? 0);
});

test("a batch whose holder was lost is canceled by who leases it next, for each line has to say what is not known of it", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  await aStore(used.db, "worker-1", 1).lease(batchIds);
  expect(await cancelOperation(used.db, accountId, id)).toBe("canceled");
  const store = aStore(used.db, "worker-2");
  const lease = await until(async () => (await store.lease(batchIds))[0]);
  expect(lease).toMatchObject({ canceled: true, takenOver: true });
  // Whoever gives it back has not ended its lines yet.
  await store.release(lease, { dueAt: new Date(Date.now() + 60_000), untried: true });
  expect(await cancelOperation(used.db, accountId, id)).toBe("canceled");
  expect(await findOperation(used.db, accountId, id)).toMatchObject({ status: "PROCESSING", stats: { queued: 2 } });
  expect(await store.lease(batchIds)).toMatchObject([{ canceled: true, takenOver: true }]);
});

test("batches whose lines are between those of another one are canceled on their own", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 6);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  const failure = { status: "FAILED" as const, attempts: 0, attempt: undefined };
  const codes = ["NO_CREDENTIAL", "OUTCOME_UNKNOWN"];
  await store.record(
    batch.lines.map((line) => aRecord(batch, line, { ...failure, errorCode: codes[line.ordinal % 2] })),
  );
  await redriveOperation(used.db, id, codes);
  expect(await cancelOperation(used.db, accountId, id)).toBe("canceled");
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ canceled: 3, queued: 3 });
  const open = await used.db.deliveryBatch.findMany({ where: { operationId: id, canceled: false } });
  const [unknown] = await store.lease(open.map((one) => one.id));
  if (!unknown) throw new Error("not leased");
  expect(unknown).toMatchObject({ canceled: true, takenOver: true });
  const canceled = { status: "CANCELED" as const, attempts: 0, attempt: undefined, isNew: false };
  await store.record(unknown.lines.map((line) => aRecord(unknown, line, canceled)));
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ canceled: 6, queued: 0 });
  expect(await findOperation(used.db, accountId, id)).toMatchObject({ status: "CANCELED" });
});
