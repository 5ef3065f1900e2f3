import { randomUUID } from "node:crypto";
import {
  claimDueDeliveryBatches,
  fanOutAlone,
  findOperation,
  giveBackRecipientBatches,
  holdRecipientBatches,
  type RecipientBatch,
  renewRecipientBatches,
  replaceByFannedOut,
  splitRecipientBatch,
} from "@fanfare/db";
import { type LeasedBatch, splitUp } from "@fanfare/domain";
import { aMessage, someRecipients, until } from "@fanfare/testkit";
import {
  accept,
  accountId,
  aFannedOutOperation,
  aRecord,
  aStore,
  expectCountersToEqualRows,
  useDatabase,
} from "./support.js";

const used = useDatabase();

/** Leases a batch as a worker whose lease runs out at once: it died. */
async function leaseAndDie(ids: readonly string[]): Promise<LeasedBatch> {
  const [batch] = await until(async () => {
    const leased = await aStore(used.db, "dies", 1).lease(ids);
    return leased.length > 0 && leased;
  });
  if (!batch) throw new Error("not leased");
  return batch;
}

const leaseNext = (ids: readonly string[]) => until(async () => (await aStore(used.db, "lives", 60_000).lease(ids))[0]);

const childrenOf = async (operationId: string) =>
  (await used.db.deliveryBatch.findMany({ where: { operationId }, orderBy: { firstOrdinal: "asc" } })).map(
    ({ id }) => id,
  );

describe("delivery batches whose workers die", () => {
  test("two crashes in a row make a batch suspected, and one more while it was alone convicts it", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 3);
    const suspicions = [];
    for (let crash = 0; crash < 3; crash++) suspicions.push((await leaseAndDie(batchIds)).suspicion);
    expect(suspicions).toEqual(["none", "none", "suspected"]);
    // It died before it was the batch's turn to be alone: that tells nothing.
    const waiting = await leaseAndDie(batchIds);
    expect(waiting.suspicion).toBe("suspected");
    await aStore(used.db).beginAlone(waiting);
    expect((await leaseNext(batchIds)).suspicion).toBe("convicted");
  });

  test("a batch that was given back, or of which something was recorded, is not blamed for what came before", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 2);
    for (let crash = 0; crash < 2; crash++) await leaseAndDie(batchIds);
    const suspected = await leaseNext(batchIds);
    expect(suspected.suspicion).toBe("suspected");
    const store = aStore(used.db);
    await store.beginAlone(suspected);
    await store.release(suspected, { dueAt: new Date(), untried: false });
    const again = await leaseNext(batchIds);
    expect(again.suspicion).toBe("suspected");
    const [line] = again.lines;
    if (line) await store.record([aRecord(again, line)]);
    await store.release(again, { dueAt: new Date(), untried: false });
    expect((await leaseNext(batchIds)).suspicion).toBe("none");
  });

  test("a renewal that comes after its batch was given back leaves it due", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 2);
    const store = aStore(used.db);
    const [batch] = await store.lease(batchIds);
    if (!batch) throw new Error("not leased");
    await store.release(batch, { dueAt: new Date(), untried: true });
    expect((await store.renew([batch])).held.size).toBe(0);
    expect(await leaseNext(batchIds)).toMatchObject({ suspicion: "none", takenOver: false });
  });

  test("who leases a convicted batch, and asks again since the answer was lost, is told of that", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 3);
    for (let crash = 0; crash < 2; crash++) await leaseAndDie(batchIds);
    await aStore(used.db).beginAlone(await leaseAndDie(batchIds));
    const store = aStore(used.db, "lives", 60_000);
    const lease = () => store.lease(batchIds, () => undefined, "call");
    await until(async () => (await lease())[0]);
    expect(await lease()).toMatchObject([{ suspicion: "convicted" }]);
  });

  test("a batch that lost its lease can neither begin alone nor be split", async () => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 4);
    const stale = await leaseAndDie(batchIds);
    await leaseNext(batchIds);
    const store = aStore(used.db);
    expect(await store.beginAlone(stale)).toBe(false);
    expect(await store.split(stale, splitUp(stale.lines))).toBe(false);
    expect(await childrenOf(id)).toEqual(batchIds);
  });

  test("a split keeps every open line and every count, and each part is suspected and may repeat", async () => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 10);
    const store = aStore(used.db);
    const first = await leaseNext(batchIds);
    const attempt = { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
    await store.record(
      first.lines
        .slice(0, 3)
        .map((line, index) =>
          index === 0
            ? aRecord(first, line, { status: "QUEUED", errorCode: "x", nextAttemptAt: new Date(), attempt })
            : aRecord(first, line),
        ),
    );
    await store.release(first, { dueAt: new Date(), untried: false });
    const batch = await leaseNext(batchIds);
    const open = batch.lines.filter(({ ordinal }) => ordinal !== 2 && ordinal !== 3);
    expect(await store.split(batch, splitUp(open))).toBe(true);
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 8, sent: 2 });
    const children = await childrenOf(id);
    expect(children).toHaveLength(8);
    const due = await claimDueDeliveryBatches(used.db, "FCM", {
      lane: 0,
      limit: 1_000,
      againMs: 60_000,
      queueIsEmpty: false,
    });
    expect(due.map((one) => one.id)).toEqual(expect.arrayContaining(children));
    const leased = await store.lease(children);
    expect(leased.map(({ suspicion, takenOver }) => [suspicion, takenOver])).toEqual(
      children.map(() => ["suspected", true]),
    );
    for (const child of leased) {
      await store.record(
        child.lines.map((line) => {
          const recorded = child.recorded.get(String(line.ordinal));
          return aRecord(child, line, { isNew: !recorded, attempts: (recorded?.attempts ?? 0) + 1 });
        }),
      );
    }
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ queued: 0, sent: 10, attempts: 11 });
    expect((await findOperation(used.db, accountId, id))?.status).toBe("COMPLETED");
  });
});

describe("recipient batches whose workers die", () => {
  const accepted = async (count: number) => {
    const recipients = someRecipients(count);
    const { id, batches } = await accept(used.db, { accountId, message: aMessage(), tags: {}, recipients });
    return { id, ids: batches.map((batch) => batch.id) };
  };
  const hold = (ids: readonly string[], holdMs = 60_000): Promise<RecipientBatch> =>
    until(async () => (await holdRecipientBatches(used.db, ids, holdMs))[0]);

  test("nobody gets one that another worker holds, and a hold that runs out counts as a crash", async () => {
    const { ids } = await accepted(3);
    const suspicions = [];
    for (let crash = 0; crash < 3; crash++) suspicions.push((await hold(ids, 1)).suspicion);
    expect(suspicions).toEqual(["none", "none", "suspected"]);
    const suspected = await hold(ids, 1);
    await until(async () => fanOutAlone(used.db, suspected, 1));
    const call = randomUUID();
    await until(async () => (await holdRecipientBatches(used.db, ids, 60_000, call))[0]);
    expect(await holdRecipientBatches(used.db, ids, 60_000, call)).toMatchObject([{ suspicion: "convicted" }]);
    expect(await holdRecipientBatches(used.db, ids, 60_000)).toEqual([]);
  });

  test("a call that is made again, since its answer was lost, finds what it holds, and nobody is blamed for it", async () => {
    const { ids } = await accepted(3);
    const call = randomUUID();
    for (let tries = 0; tries < 4; tries++) {
      expect(await holdRecipientBatches(used.db, ids, 1, call)).toMatchObject([{ suspicion: "none" }]);
    }
    for (let crash = 0; crash < 2; crash++) await hold(ids, 1);
    const suspected = await hold(ids);
    for (let tries = 0; tries < 2; tries++) expect(await fanOutAlone(used.db, suspected, 60_000)).toBe(true);
    for (let tries = 0; tries < 2; tries++) await giveBackRecipientBatches(used.db, [suspected]);
    expect((await hold(ids)).suspicion).toBe("suspected");
    // It is in other hands now.
    expect(await fanOutAlone(used.db, suspected, 60_000)).toBe(false);
    await giveBackRecipientBatches(used.db, [suspected]);
    expect(await holdRecipientBatches(used.db, ids, 60_000)).toEqual([]);
  });

  test("one that was given back is due at once, and is not blamed", async () => {
    const { ids } = await accepted(3);
    await giveBackRecipientBatches(used.db, [await hold(ids)]);
    expect((await hold(ids)).suspicion).toBe("none");
  });

  test("a hold that is renewed goes on, and one that is over is not begun anew", async () => {
    const { ids } = await accepted(3);
    const held = await hold(ids, 300);
    await renewRecipientBatches(used.db, [held], 60_000);
    const row = await used.db.recipientBatch.findFirstOrThrow({ where: { id: { in: ids } } });
    expect(row.heldUntil?.getTime()).toBeGreaterThan(Date.now() + 30_000);
    expect(row.enqueueAt).toEqual(row.heldUntil);
    await giveBackRecipientBatches(used.db, [held]);
    await renewRecipientBatches(used.db, [held], 60_000);
    const another = await hold(ids, 1);
    await renewRecipientBatches(used.db, [held], 60_000);
    expect((await hold(ids)).heldBy).not.toBe(another.heldBy);
  });

  test("a split keeps every recipient under its ordinal, and each part is suspected", async () => {
    const { id, ids } = await accepted(50);
    const batch = await hold(ids);
    await splitRecipientBatch(used.db, batch);
    const rows = await used.db.recipientBatch.findMany({
      where: { operationId: id },
      orderBy: { firstOrdinal: "asc" },
    });
    const parts = await holdRecipientBatches(
      used.db,
      rows.map((row) => row.id),
      60_000,
    );
    expect(parts.map(({ suspicion }) => suspicion)).toEqual(rows.map(() => "suspected"));
    const found = parts
      .sort((a, b) => a.firstOrdinal - b.firstOrdinal)
      .flatMap(({ firstOrdinal, recipients }) =>
        recipients.map((recipient, index) => [firstOrdinal + index, recipient]),
      );
    expect(found).toEqual(batch.recipients.map((recipient, index) => [1 + index, recipient]));
    await expectCountersToEqualRows(used.db, id);
  });

  test("one that is set aside has a failed notification and is not fanned out any more", async () => {
    const { id, ids } = await accepted(1);
    const batch = await hold(ids);
    const notification = {
      ...{ ordinal: 1, status: "FAILED" as const, addresses: [] },
      ...{ address: { provider: "FCM" as const, token: "t" }, error: { code: "WORKER_CRASHED", detail: "x" } },
    };
    const made = { deliveryBatches: [], notifications: [notification], unaddressable: 0 };
    await replaceByFannedOut(used.db, new Map([[batch, made]]), { setAside: true });
    expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ total: 1, failed: 1, queued: 0 });
    expect((await findOperation(used.db, accountId, id))?.status).toBe("COMPLETED");
    expect(await holdRecipientBatches(used.db, ids, 1)).toEqual([]);
  });
});
