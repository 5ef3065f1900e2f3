import { listNotifications } from "@fanfare/db";
import { aFannedOutOperation, anAddressedOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();
const reason = { code: "OAUTH_INVALID_GRANT", detail: "Google refused the service account." };

const errorsOf = async (operationId: string) =>
  (await listNotifications(used.db, operationId, { first: 1, last: 10 })).map(({ status, errorCode, errorDetail }) => [
    status,
    errorCode,
    errorDetail,
  ]);

async function leased(batchIds: readonly string[]) {
  const [batch] = await aStore(used.db).lease(batchIds);
  if (!batch) throw new Error("not leased");
  return batch;
}

test("a batch that is given back with a reason shows it on each of its lines, and its next holder knows it", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  await aStore(used.db).release(await leased(batchIds), { dueAt: new Date(), untried: true, reason });
  const waiting = ["QUEUED", reason.code, reason.detail];
  expect(await errorsOf(id)).toEqual([waiting, waiting]);
  expect((await leased(batchIds)).waitedFor).toEqual(reason);
});

test("a batch that is given back without a reason has none any more", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  await store.release(await leased(batchIds), { dueAt: new Date(), untried: true, reason });
  await store.release(await leased(batchIds), { dueAt: new Date(), untried: false });
  expect(await errorsOf(id)).toEqual([["QUEUED", null, null]]);
  expect((await leased(batchIds)).waitedFor).toBeUndefined();
});

test("a notification that waits for its own retry keeps its own error, one that was sent has none, the others show what their batch waits for", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 4);
  const store = aStore(used.db);
  const batch = await leased(batchIds);
  const [first, second, third] = batch.lines;
  if (!first || !second || !third) throw new Error("no lines");
  const failed = (nextAttemptAt: Date) => ({
    ...{ status: "QUEUED" as const, errorCode: "UNAVAILABLE", errorDetail: "FCM is overloaded.", nextAttemptAt },
    attempt: { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 5, startedAt: new Date() },
  });
  await store.record([
    aRecord(batch, first),
    aRecord(batch, second, failed(new Date(Date.now() + 60_000))),
    aRecord(batch, third, failed(new Date())),
  ]);
  await store.release(batch, { dueAt: new Date(), untried: true, reason });
  expect(await errorsOf(id)).toEqual([
    ["SENT", null, null],
    ["QUEUED", "UNAVAILABLE", "FCM is overloaded."],
    ["QUEUED", reason.code, reason.detail],
    ["QUEUED", reason.code, reason.detail],
  ]);
});

test("what a batch waits for is told of its parts when it is split", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  await aStore(used.db).release(await leased(batchIds), { dueAt: new Date(), untried: true, reason });
  const batch = await leased(batchIds);
  await aStore(used.db).split(
    batch,
    batch.lines.map((line) => [line]),
  );
  const waiting = ["QUEUED", reason.code, reason.detail];
  expect(await errorsOf(id)).toEqual([waiting, waiting]);
});

test("a notification of several addresses shows what the batch of one of them waits for, until it has an error of its own", async () => {
  const { id, batchIds } = await anAddressedOperation(used.db, "one", "two");
  const store = aStore(used.db);
  await store.release(await leased(batchIds), { dueAt: new Date(), untried: true, reason });
  expect(await errorsOf(id)).toEqual([["QUEUED", reason.code, reason.detail]]);
  await store.release(await leased(batchIds), { dueAt: new Date(), untried: true });
  expect(await errorsOf(id)).toEqual([["QUEUED", null, null]]);
});
