import { cancelOperation, findDispatchWork } from "@fanfare/db";
import { aMessage, someRecipients } from "@fanfare/testkit";
import { accept, accountId, aFannedOutOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();
const nothing = {
  canceling: false,
  scheduled: false,
  recipientBatches: false,
  deliveryBatches: { FCM: false, APN: false },
};
const toFcm = { ...nothing, deliveryBatches: { FCM: true, APN: false } };
const work = () => findDispatchWork(used.db);
const anOperation = () => ({ accountId, message: aMessage(), tags: {}, recipients: someRecipients(1) });

test("an installation that has nothing to do says so, before its first operation and after its last", async () => {
  expect(await work()).toEqual(nothing);
  const { batchIds } = await aFannedOutOperation(used.db, 1);
  expect(await work()).toEqual(toFcm);
  const store = aStore(used.db);
  const [lease] = await store.lease(batchIds);
  if (!lease) throw new Error("not leased");
  expect(await work()).toEqual(toFcm);
  await store.record(lease.lines.map((line) => aRecord(lease, line)));
  expect(await work()).toEqual(nothing);
});

test("what is accepted is to be fanned out, what is scheduled to be started, what is canceled to be looked after until it has ended", async () => {
  const { id } = await accept(used.db, anOperation());
  expect(await work()).toEqual({ ...nothing, recipientBatches: true });
  await cancelOperation(used.db, accountId, id);
  expect(await work()).toEqual(nothing);

  const later = await accept(used.db, { ...anOperation(), sendAt: new Date(Date.now() + 3_600_000) });
  expect(await work()).toEqual({ ...nothing, scheduled: true });
  await cancelOperation(used.db, accountId, later.id);
  expect(await work()).toEqual(nothing);

  const leased = await aFannedOutOperation(used.db, 1);
  await aStore(used.db).lease(leased.batchIds);
  await cancelOperation(used.db, accountId, leased.id);
  expect(await work()).toEqual({ ...toFcm, canceling: true });
});

test("a retry that is due in an hour is no work yet", async () => {
  await used.db.$executeRaw`truncate operations, delivery_batches cascade`;
  const { batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  const [lease] = await store.lease(batchIds);
  if (!lease) throw new Error("not leased");
  await store.release(lease, { dueAt: new Date(Date.now() + 3_600_000), untried: false });
  expect(await work()).toEqual(nothing);
  await store.release(lease, { dueAt: new Date(Date.now() + 60_000), untried: false });
  expect(await work()).toEqual(toFcm);
});
