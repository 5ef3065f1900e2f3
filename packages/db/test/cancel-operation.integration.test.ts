import { cancelOperation, findOperation } from "@fanfare/db";
import { accountId, aFannedOutOperation, aStore, useDatabase } from "./support.js";

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
