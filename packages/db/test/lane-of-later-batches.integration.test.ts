import { redriveOperation } from "@fanfare/db";
import { anAddressedOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();

/** An operation to two addresses of one recipient, behind so many recipients that its account had waiting. */
async function anOperationBehind(ahead: number) {
  const { id, batchIds } = await anAddressedOperation(used.db, "a", "b");
  await used.db.operation.update({ where: { id }, data: { ahead } });
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  const fail = (errorCode: string, lines = batch.lines) =>
    store.record(lines.map((line) => aRecord(batch, line, { isNew: false, status: "FAILED", errorCode })));
  const lanes = async () =>
    (await used.db.deliveryBatch.findMany({ where: { operationId: id }, orderBy: { id: "asc" } })).map(
      ({ lane }) => lane,
    );
  return { id, fail, lanes, lines: batch.lines };
}

const DEPTHS = [
  { ahead: 0, lane: 0 },
  { ahead: 600, lane: 1 },
  { ahead: 10_000, lane: 2 },
];

test.each(DEPTHS)("what is redriven behind $ahead recipients is in lane $lane", async ({ ahead, lane }) => {
  const { id, fail, lanes } = await anOperationBehind(ahead);
  await fail("WORKER_CRASHED");
  expect(await lanes()).toEqual([]);
  await redriveOperation(used.db, id, ["WORKER_CRASHED"]);
  expect(await lanes()).toEqual([lane]);
});

test.each(DEPTHS)("a fallback behind $ahead recipients is in lane $lane", async ({ ahead, lane }) => {
  const { id, fail, lanes, lines } = await anOperationBehind(ahead);
  await used.db.notification.updateMany({ where: { operationId: id }, data: { policy: "FIRST" } });
  const second = { operationId: id, position: 1 };
  await used.db.notificationAddress.updateMany({ where: second, data: { status: "SCHEDULED" } });
  const before = await lanes();
  await fail("UNREGISTERED", lines.slice(0, 1));
  expect(await lanes()).toEqual([...before, lane]);
});
