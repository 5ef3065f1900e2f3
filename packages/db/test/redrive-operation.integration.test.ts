import {
  cancelOperation,
  findOperation,
  holdRecipientBatches,
  listNotifications,
  redriveOperation,
  replaceByFannedOut,
} from "@fanfare/db";
import { brokenIdentity, mintRowId } from "@fanfare/domain";
import { aMessage, until } from "@fanfare/testkit";
import {
  accept,
  accountId,
  aFannedOutOperation,
  anAddressedOperation,
  aRecord,
  aStore,
  expectCountersToEqualRows,
  useDatabase,
} from "./support.js";

const used = useDatabase();
const failure = { status: "FAILED" as const, errorCode: "WORKER_CRASHED", attempts: 0, attempt: undefined };
const redriven = (notifications: number) => ({ kind: "redriven", accountId, notifications });
const statusOf = async (id: string) => (await findOperation(used.db, accountId, id))?.status;
const batchesOf = async (operationId: string) =>
  (await used.db.deliveryBatch.findMany({ where: { operationId } })).map(({ id }) => id);

/** An operation of which every second notification has failed. */
async function anOperationWithFailures(count: number) {
  const { id, batchIds } = await aFannedOutOperation(used.db, count);
  const store = aStore(used.db);
  for (const batch of await store.lease(batchIds)) {
    await store.record(batch.lines.map((line) => aRecord(batch, line, line.ordinal % 2 === 0 ? failure : {})));
  }
  return id;
}

test("what failed with the code is QUEUED again, the operation PROCESSING, and the counters equal the rows at every moment", async () => {
  const id = await anOperationWithFailures(2_000);
  expect(await statusOf(id)).toBe("COMPLETED");
  let redriving = true;
  const polls = (async () => {
    while (redriving) {
      const stats = (await findOperation(used.db, accountId, id))?.stats;
      if (stats) expect(brokenIdentity(stats)).toBeUndefined();
      await expectCountersToEqualRows(used.db, id);
    }
  })();
  expect(await redriveOperation(used.db, id, ["WORKER_CRASHED"])).toEqual(redriven(1_000));
  redriving = false;
  await polls;
  expect(await statusOf(id)).toBe("PROCESSING");
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 1_000, sent: 1_000, failed: 0 });
  const store = aStore(used.db);
  for (const batch of await store.lease(await batchesOf(id))) {
    expect(batch.takenOver).toBe(true);
    await store.record(batch.lines.map((line) => aRecord(batch, line, { isNew: false })));
  }
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 0, sent: 2_000, failed: 0 });
  expect(await statusOf(id)).toBe("COMPLETED");
});

test("what failed for another reason stays as it is, and a second redrive finds nothing", async () => {
  const id = await anOperationWithFailures(4);
  expect(await redriveOperation(used.db, id, ["NO_CREDENTIAL"])).toEqual(redriven(0));
  expect(await statusOf(id)).toBe("COMPLETED");
  expect(await redriveOperation(used.db, id, ["WORKER_CRASHED"])).toEqual(redriven(2));
  expect(await redriveOperation(used.db, id, ["WORKER_CRASHED"])).toEqual(redriven(0));
});

test("two redrives at once put each notification back once", async () => {
  const id = await anOperationWithFailures(1_000);
  const results = await Promise.all([1, 2].map(() => redriveOperation(used.db, id, ["WORKER_CRASHED"])));
  expect(results.reduce((sum, result) => sum + (result.kind === "redriven" ? result.notifications : 0), 0)).toBe(500);
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 500, sent: 500 });
});

test("of a recipient with several addresses those that failed so are tried again", async () => {
  const accepted = await anAddressedOperation(used.db, "a", "b");
  const store = aStore(used.db);
  const [batch] = await store.lease(accepted.batchIds);
  if (!batch) throw new Error("not leased");
  const gone = { status: "UNDELIVERED" as const, errorCode: "UNREGISTERED" };
  await store.record(
    batch.lines.map((line, index) => aRecord(batch, line, { isNew: false, ...(index === 0 ? gone : failure) })),
  );
  expect(await statusOf(accepted.id)).toBe("COMPLETED");
  expect(await redriveOperation(used.db, accepted.id, ["WORKER_CRASHED"])).toEqual(redriven(1));
  const [again] = await store.lease(await batchesOf(accepted.id));
  expect(again?.lines.map(({ token, position }) => [token, position])).toEqual([["b", 1]]);
  if (again) await store.record(again.lines.map((line) => aRecord(again, line, { isNew: false })));
  expect(await expectCountersToEqualRows(used.db, accepted.id)).toMatchObject({ sent: 1, failed: 0, queued: 0 });
});

test("a recipient that could not be fanned out is fanned out anew", async () => {
  const recipients = [{ provider: "FCM" as const, token: "t", variables: { name: "Ada" } }];
  const { id, batches } = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients });
  const ids = batches.map((batch) => batch.id);
  const [source] = await holdRecipientBatches(used.db, ids, 60_000);
  if (!source) throw new Error("not held");
  const error = { code: "WORKER_CRASHED", detail: "x" };
  const notifications = [{ ordinal: 1, status: "FAILED" as const, address: recipients[0], error, addresses: [] }];
  const setAside = { deliveryBatches: [], notifications, unaddressable: 0 };
  await replaceByFannedOut(used.db, new Map([[source, setAside]]), { setAside: true });
  expect(await listNotifications(used.db, id, { first: 1, last: 1 })).toMatchObject([{ status: "FAILED" }]);
  expect(await redriveOperation(used.db, id, ["WORKER_CRASHED"])).toEqual(redriven(1));
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 1, failed: 0 });
  expect(await listNotifications(used.db, id, { first: 1, last: 1 })).toMatchObject([{ status: "QUEUED" }]);
  const [again] = await holdRecipientBatches(used.db, ids, 60_000);
  expect(again).toMatchObject({ suspicion: "none", recipients });
});

test("nothing of an operation that is canceled, expired or unknown is put back", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 2);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  const [line] = batch?.lines ?? [];
  if (batch && line) await store.record([aRecord(batch, line, failure)]);
  await cancelOperation(used.db, accountId, id);
  expect(await redriveOperation(used.db, id, ["WORKER_CRASHED"])).toEqual({ kind: "canceled" });
  const brief = await aFannedOutOperation(used.db, 1, { ttl: 1 });
  expect(
    await until(async () => {
      const result = await redriveOperation(used.db, brief.id, ["WORKER_CRASHED"]);
      return result.kind === "expired" && result;
    }),
  ).toEqual({ kind: "expired" });
  expect(await redriveOperation(used.db, mintRowId(), ["WORKER_CRASHED"])).toEqual({ kind: "not-found" });
});
