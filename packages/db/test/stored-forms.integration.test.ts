import {
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  type Db,
  holdRecipientBatches,
  newDeliveryBatch,
  replaceByFannedOut,
} from "@fanfare/db";
import { aMessage, someRecipients } from "@fanfare/testkit";
import { accept, accountId, aFannedOutOperation, aStore, fannedOut, useDatabase } from "./support.js";

const used = useDatabase();
const options = { lane: 0, limit: 1_000, againMs: 60_000, queueIsEmpty: true } as const;

const anAcceptedOperation = async (db: Db) => {
  const accepted = await accept(db, { accountId, message: aMessage(), tags: {}, recipients: someRecipients(2) });
  return { id: accepted.id, batchIds: accepted.batches.map(({ id }) => id) };
};

test("what a newer release has added to a message, to recipients and to lines is fanned out and leased all the same", async () => {
  const { id, batchIds } = await anAcceptedOperation(used.db);
  const message = {
    content: { title: "x", actions: [1] },
    priority: "HIGH",
    sound: null,
    ttl: 60,
    audience: { all: true },
  };
  await used.db.$executeRaw`update operations set message = ${JSON.stringify(message)}::jsonb where id = ${id}::uuid`;
  await used.db.$executeRaw`
    update recipient_batches set content = convert_to(${'[["FCM","a",null,null,"new"],["FCM","b",null,null,{}]]'}, 'UTF8')
    where operation_id = ${id}::uuid`;
  const [held] = await holdRecipientBatches(used.db, batchIds, 60_000);
  if (!held) throw new Error("not held");
  expect(held.recipients).toEqual([
    { provider: "FCM", token: "a" },
    { provider: "FCM", token: "b" },
  ]);
  const batch = newDeliveryBatch(held.operation, "FCM", [{ ordinal: 1, token: "a" }]);
  await replaceByFannedOut(used.db, new Map([[held, fannedOut([batch])]]));
  await used.db.$executeRaw`
    update delivery_batches set lines = convert_to(${'[[1,"a",{"content":{"title":"x"},"new":1},0,"new"]]'}, 'UTF8')
    where operation_id = ${id}::uuid`;
  const [leased] = await aStore(used.db).lease([batch.id]);
  expect(leased?.lines).toMatchObject([{ ordinal: 1, token: "a", rendered: { content: { title: "x" } } }]);
  expect(leased?.message).toMatchObject({ content: { title: "x" }, priority: "HIGH", ttl: 60 });
});

describe("of a form that only a newer release can read", () => {
  const setMessage = (id: string) =>
    used.db.$executeRaw`update operations set message_version = 2 where id = ${id}::uuid`;

  test("recipients are neither enqueued nor fanned out, and stay due for its workers", async () => {
    const [byContent, byMessage] = [await anAcceptedOperation(used.db), await anAcceptedOperation(used.db)];
    await used.db.$executeRaw`
      update recipient_batches set content_version = 2 where operation_id = ${byContent.id}::uuid`;
    await setMessage(byMessage.id);
    const ids = [...byContent.batchIds, ...byMessage.batchIds];
    expect(await holdRecipientBatches(used.db, ids, 60_000)).toEqual([]);
    const claimed = (await claimDueRecipientBatches(used.db, options)).map(({ id }) => id);
    for (const id of ids) expect(claimed).not.toContain(id);
    expect(await used.db.recipientBatch.count({ where: { id: { in: ids }, heldUntil: null } })).toBe(2);
  });

  test("lines are not leased; nobody enqueues them without a pause, and they stay due", async () => {
    const [byLines, byMessage] = [await aFannedOutOperation(used.db, 1), await aFannedOutOperation(used.db, 1)];
    await used.db.$executeRaw`update delivery_batches set lines_version = 2 where operation_id = ${byLines.id}::uuid`;
    await setMessage(byMessage.id);
    const ids = [...byLines.batchIds, ...byMessage.batchIds];
    await used.db.$executeRaw`
      update delivery_batches set visible_at = now() - interval '1 minute' where operation_id in (${byLines.id}::uuid, ${byMessage.id}::uuid)`;
    expect(await aStore(used.db).lease(ids)).toEqual([]);
    const claimed = (await claimDueDeliveryBatches(used.db, "FCM", options)).map(({ id }) => id);
    for (const id of ids) expect(claimed).not.toContain(id);
    const waiting = await used.db.$queryRaw<{ seconds: number; epoch: number; free: boolean }[]>`
      select extract(epoch from visible_at - now())::float8 as seconds, epoch, leased_by is null as free from delivery_batches
      where operation_id in (${byLines.id}::uuid, ${byMessage.id}::uuid)`;
    expect(waiting).toHaveLength(2);
    for (const { seconds, epoch, free } of waiting) {
      expect(seconds).toBeLessThanOrEqual(5);
      expect([epoch, free]).toEqual([0, true]);
    }
  });
});
