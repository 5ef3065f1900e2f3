import {
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  type DueOptions,
  findOperation,
  holdRecipientBatches,
  listNotifications,
  newDeliveryBatch,
  replaceByFannedOut,
} from "@fanfare/db";
import { leaseKey, mintRowId } from "@fanfare/domain";
import { aMessage, someRecipients, until } from "@fanfare/testkit";
import {
  accept,
  accountId,
  aFannedOutOperation,
  aRecord,
  aStore,
  expectCountersToEqualRows,
  fannedOut,
  useDatabase,
} from "./support.js";

const used = useDatabase();
const again = { lane: 0, limit: 1_000, againMs: 60_000, queueIsEmpty: false } as const;

describe("accepting", () => {
  test("10,000 recipients are stored in batches of 1,000, in their order", async () => {
    const recipients = someRecipients(10_000);
    const { id, batches } = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients });
    expect(batches.map(({ firstOrdinal }) => firstOrdinal)).toEqual([
      1, 1001, 2001, 3001, 4001, 5001, 6001, 7001, 8001, 9001,
    ]);
    const page = await listNotifications(used.db, id, { first: 9_999, last: 10_000 });
    expect(page.map(({ ordinal, addresses }) => [ordinal, addresses[0]?.token])).toEqual([
      [9_999, "device-9999"],
      [10_000, "device-10000"],
    ]);
    await expectCountersToEqualRows(used.db, id);
  });

  test("another account does not find the operation", async () => {
    const { id } = await aFannedOutOperation(used.db, 1);
    expect(await findOperation(used.db, accountId, id)).toBeDefined();
    expect(await findOperation(used.db, mintRowId(), id)).toBeUndefined();
  });
});

describe("fanning out", () => {
  test("two workers that fan the same batch out make its delivery batches once", async () => {
    const recipients = someRecipients(10);
    const accepted = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients });
    const ids = accepted.batches.map(({ id }) => id);
    const fanOut = async () => {
      // A hold that has run out already: of those who believe that they have it, the deletion chooses one.
      const [batch] = await until(async () => {
        const held = await holdRecipientBatches(used.db, ids, 1);
        const gone = (await used.db.recipientBatch.count({ where: { operationId: accepted.id } })) === 0;
        return (held.length > 0 || gone) && held;
      });
      if (!batch) return 0;
      const lines = batch.recipients.map((_recipient, index) => ({ ordinal: index + 1, token: `t${index}` }));
      const made = fannedOut([newDeliveryBatch(batch.operation, "FCM", lines)]);
      return (await replaceByFannedOut(used.db, new Map([[batch, made]]))).size;
    };
    const replaced = await Promise.all([fanOut(), fanOut(), fanOut()]);
    expect(replaced.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await used.db.deliveryBatch.count({ where: { operationId: accepted.id } })).toBe(1);
    await expectCountersToEqualRows(used.db, accepted.id);
  });
});

describe("leases", () => {
  test("a batch that is held is leased by nobody else", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const leases = await Promise.all(["a", "b", "c"].map((holder) => aStore(used.db, holder).lease(batchIds)));
    expect(leases.flat()).toHaveLength(1);
  });

  test("a lease that is renewed does not run out, and one that was taken over is not renewed", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const [held] = await aStore(used.db, "a", 1).lease(batchIds);
    if (!held) throw new Error("not leased");
    expect(await aStore(used.db, "a", 60_000).renew([held])).toEqual({
      held: new Set([leaseKey(held)]),
      canceled: new Set(),
    });
    expect(await aStore(used.db, "b").lease(batchIds)).toHaveLength(0);
    await aStore(used.db, "a", 1).renew([held]);
    const [taken] = await until(async () => (await aStore(used.db, "b").lease(batchIds)).length > 0 && batchIds);
    expect(taken).toBe(held.id);
    expect(await aStore(used.db, "a").renew([held])).toEqual({ held: new Set(), canceled: new Set() });
  });

  test("a worker that has leased its own batch anew renews the lease that is valid, and not the one that ran out", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const [before] = await aStore(used.db, "a", 1).lease(batchIds);
    const now = await until(async () => (await aStore(used.db, "a", 60_000).lease(batchIds))[0]);
    if (!before) throw new Error("not leased");
    expect((await aStore(used.db, "a").renew([before, now])).held).toEqual(new Set([leaseKey(now)]));
  });

  test("a batch that was given back is leased when it is due, and not as taken over", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const store = aStore(used.db);
    const [held] = await store.lease(batchIds);
    if (!held) throw new Error("not leased");
    await store.release(held, { dueAt: new Date(Date.now() + 600_000), untried: false });
    expect(await store.lease(batchIds)).toHaveLength(0);
    await store.release(held, { dueAt: new Date(), untried: false });
    const [released] = await store.lease(batchIds);
    expect(released).toMatchObject({ takenOver: false, epoch: held.epoch + 1 });
  });
});

describe("the dispatcher's claims", () => {
  const claimed = async (ids: readonly string[], options: DueOptions = again) =>
    (await claimDueDeliveryBatches(used.db, "FCM", options)).map(({ id }) => id).filter((id) => ids.includes(id));

  test("a new batch is left to whoever made it, for a while", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    expect(await claimed(batchIds)).toEqual([]);
  });

  test("with the queue lost, what nobody holds is claimed within seconds, and what is held is not", async () => {
    const waiting = await aFannedOutOperation(used.db, 1);
    const held = await aFannedOutOperation(used.db, 1);
    await aStore(used.db).lease(held.batchIds);
    const lost = { ...again, queueIsEmpty: true };
    await until(async () =>
      (await claimed([...waiting.batchIds, ...held.batchIds], lost)).includes(waiting.batchIds[0] ?? ""),
    );
    expect(await claimed(held.batchIds, lost)).toEqual([]);
  });

  test("a retry that is due is claimed by one dispatcher of several", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const store = aStore(used.db);
    const [held] = await store.lease(batchIds);
    if (!held) throw new Error("not leased");
    await store.release(held, { dueAt: new Date(), untried: false });
    const claims = await Promise.all([1, 2, 3].map(() => claimed(batchIds)));
    expect(claims.flat()).toEqual(batchIds);
  });

  test("the batch of a worker that died is claimed when its lease has run out", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    await aStore(used.db, "dead", 1).lease(batchIds);
    await until(async () => (await claimed(batchIds)).length === 1);
  });

  test("a recipient batch that was never enqueued is claimed", async () => {
    const accepted = await accept(used.db, {
      accountId,
      message: aMessage(),
      tags: {},
      recipients: someRecipients(1),
    });
    const due = await claimDueRecipientBatches(used.db, { ...again, queueIsEmpty: true });
    expect(due.map(({ id }) => id)).toContain(accepted.batches[0]?.id);
  });
});

test("a page shows each notification once while lines move from batches to rows", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 20);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  const recording = (async () => {
    for (const line of batch.lines) await store.record([aRecord(batch, line)]);
  })();
  for (let page = 0; page < 30; page++) {
    const notifications = await listNotifications(used.db, id, { first: 1, last: 20 });
    expect(notifications.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  }
  await recording;
  const notifications = await listNotifications(used.db, id, { first: 1, last: 20 });
  expect(new Set(notifications.map(({ status }) => status))).toEqual(new Set(["SENT"]));
});
