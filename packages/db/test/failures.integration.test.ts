import { connectDb } from "@fanfare/db";
import { leaseKey } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import type { Prisma } from "../src/generated/prisma/client.js";
import { recordOutcomesQuery } from "../src/record-outcomes.js";
import { aFannedOutOperation, aRecord, aStore, expectCountersToEqualRows, useDatabase } from "./support.js";

const used = useDatabase();

const errorOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

test.each([
  ["transient", "40001"],
  ["transient", "40P01"],
  ["transient", "53100"],
  ["transient", "53300"],
  ["transient", "57014"],
  ["transient", "57P01"],
  ["transient", "57P03"],
  ["transient", "25006"],
  ["transient", "55P03"],
  ["transient", "08006"],
  ["transient", "58030"],
  ["transient", "28P01"],
  ["transient", "28000"],
  ["transient", "3D000"],
  ["recorded", "23505"],
  ["refused", "23502"],
  ["refused", "23514"],
  ["refused", "22003"],
  ["refused", "22P05"],
  ["refused", "54000"],
  ["permanent", "42501"],
  ["permanent", "42703"],
  ["permanent", "P0001"],
  ["permanent", "XX000"],
  ["permanent", "XX001"],
])("what fails %s, by the code that Postgres gives it: %s", async (failure, code) => {
  const error = await errorOf(
    used.db.$executeRawUnsafe(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`),
  );
  expect(aStore(used.db).failureOf(error)).toBe(failure);
});

test("what fails in this process, and not in the database, is no reason to wait for the database", async () => {
  const circle: Record<string, unknown> = {};
  circle.itself = circle;
  const { batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  const [line] = batch?.lines ?? [];
  if (!batch || !line) throw new Error("not leased");
  const error = await errorOf(store.record([aRecord(batch, line, { errorDetail: circle as unknown as string })]));
  expect(store.failureOf(error)).toBe("permanent");
});

/** Makes `query` and commits it once `then`, begun meanwhile, waits for a lock of it. Resolves with what came of `then`. */
async function committedWhileWaitedFor(query: Prisma.Sql, then: () => Promise<unknown>): Promise<unknown> {
  const other = connectDb(used.url);
  let result: Promise<unknown> = Promise.resolve();
  await other.$transaction(
    async (tx) => {
      await tx.$queryRaw(query);
      result = errorOf(then());
      await until(async () => {
        const [row] = await used.db.$queryRaw<[{ waiting: bigint }]>`
          select count(*) as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        return row.waiting > 0n;
      });
    },
    { timeout: 60_000 },
  );
  await other.$disconnect();
  return result;
}

test("a statement that is made again while its first try, whose answer was lost, is being committed: on record once", async () => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 3);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  const records = batch.lines.slice(0, 2).map((line) => aRecord(batch, line));
  const again = await committedWhileWaitedFor(recordOutcomesQuery(records, false), () =>
    store.record(records, { again: true }),
  );
  expect(store.failureOf(again)).toBe("recorded");
  expect(await store.record(records, { again: true })).toEqual(new Set([leaseKey(batch)]));
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ sent: 2, attempts: 2, queued: 1 });
});

// No row is inserted whose key would give the second one away.
test.each([
  ["the repetition comes second", false],
  ["the first try comes second", true],
])("ends without an attempt are counted once when two tries of their statement meet: %s", async (_which, again) => {
  const { id, batchIds } = await aFannedOutOperation(used.db, 3);
  const store = aStore(used.db);
  const [batch] = await store.lease(batchIds);
  if (!batch) throw new Error("not leased");
  const retry = { status: "QUEUED" as const, nextAttemptAt: new Date() };
  await store.record(batch.lines.map((line) => aRecord(batch, line, retry)));
  const canceled = { status: "CANCELED" as const, attempt: undefined, isNew: false };
  const records = batch.lines.slice(0, 1).map((line) => aRecord(batch, line, canceled));
  const second = await committedWhileWaitedFor(recordOutcomesQuery(records, again), () =>
    store.record(records, { again: !again }),
  );
  expect(second).toBeUndefined();
  expect(await expectCountersToEqualRows(used.db, id)).toMatchObject({ canceled: 1, queued: 2, attempts: 3 });
  expect(await used.db.deliveryBatch.findMany({ where: { operationId: id } })).toMatchObject([{ openLines: 2 }]);
});
