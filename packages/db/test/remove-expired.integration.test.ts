import { removeExpired } from "@fanfare/db";
import { aFannedOutOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();

/** A finished operation that was completed so many days ago. */
async function aFinishedOperation(recipients: number, daysAgo: number): Promise<string> {
  const { id, batchIds } = await aFannedOutOperation(used.db, recipients);
  const store = aStore(used.db);
  const batches = await store.lease(batchIds);
  await store.record(batches.flatMap((batch) => batch.lines.map((line) => aRecord(batch, line))));
  await used.db.$executeRaw`
    update operations set completed_at = now() - make_interval(days => ${daysAgo}) where id = ${id}::uuid`;
  return id;
}

const countsOf = async (id: string) => ({
  operations: await used.db.operation.count({ where: { id } }),
  notifications: await used.db.notification.count({ where: { operationId: id } }),
  attempts: await used.db.attempt.count({ where: { operationId: id } }),
  tags: await used.db.operationTag.count({ where: { operationId: id } }),
});

test("what is past its days goes whole, in steps, by several processes at once; nothing else is touched", async () => {
  const old = await Promise.all([aFinishedOperation(3, 8), aFinishedOperation(700, 8), aFinishedOperation(1, 30)]);
  const young = await aFinishedOperation(2, 6);
  const { id: open } = await aFannedOutOperation(used.db, 2);
  // More than one statement removes.
  await used.db.$executeRaw`
    insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token)
    select ${old[0]}::uuid, 10 + i, 'FCM', 'SENT', 1, now(), 't' || i from generate_series(1, 12000) i`;
  await Promise.all([1, 2, 3].map(() => removeExpired(used.db, { retentionDays: 7 })));
  // What two of them were at in the same moment is left to the next step.
  expect(await removeExpired(used.db, { retentionDays: 7 })).toEqual({ more: false });
  for (const id of old) expect(await countsOf(id)).toEqual({ operations: 0, notifications: 0, attempts: 0, tags: 0 });
  expect(await countsOf(young)).toMatchObject({ operations: 1, notifications: 2, attempts: 2 });
  expect(await countsOf(open)).toMatchObject({ operations: 1 });
});

test("idempotency keys are kept for 24 hours", async () => {
  const accountId = "00000000-0000-0000-0000-000000000001";
  await used.db.$executeRaw`
    insert into idempotency_keys (account_id, key, fingerprint, operation_id, created_at)
    values (${accountId}::uuid, 'old', ''::bytea, ${accountId}::uuid, now() - interval '25 hours'),
      (${accountId}::uuid, 'new', ''::bytea, ${accountId}::uuid, now() - interval '23 hours')`;
  await removeExpired(used.db, { retentionDays: 7 });
  expect((await used.db.idempotencyKey.findMany()).map(({ key }) => key)).toEqual(["new"]);
});
