import type { Db } from "@fanfare/db";
import { type LeasedBatch, type LeaseRef, leaseKey } from "@fanfare/domain";
import { cancelUnheldQuery } from "../src/cancel-operation.js";
import { recordedLinesQuery } from "../src/read-recorded-lines.js";
import { recordOutcomesQuery } from "../src/record-outcomes.js";
import { pagesOf } from "./pages-of.js";
import { aFannedOutOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();

/** Operations of one recipient each, and then the statistics, which know of no other. */
async function fill(db: Db): Promise<void> {
  await db.$executeRaw`
    insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token)
    select gen_random_uuid(), 1, 'FCM', 'SENT', 1, now(), 'token' from generate_series(1, 5000)`;
  await db.$executeRaw`
    insert into attempts (operation_id, ordinal, number, may_repeat, provider, outcome, latency_ms, started_at)
    select operation_id, 1, 1, false, 'FCM', 'ACCEPTED', 1, now() from notifications`;
  // Each statement is one that a client prepares: Prisma runs one at a time.
  for (const table of ["notifications", "attempts"]) await db.$executeRawUnsafe(`analyze ${table}`);
}

/** An operation all of whose lines were tried once, and are to be tried again; leased is the batch of the last 100. */
async function aTriedOperation(db: Db): Promise<LeasedBatch> {
  const { id, batchIds } = await aFannedOutOperation(db, 4_100);
  await db.$executeRaw`
    insert into notifications (operation_id, ordinal, provider, status, attempts, updated_at, token)
    select ${id}::uuid, i, 'FCM', 'QUEUED', 1, now(), 'token' from generate_series(1, 4100) i`;
  await db.$executeRaw`
    insert into attempts (operation_id, ordinal, number, may_repeat, provider, outcome, latency_ms, started_at)
    select operation_id, ordinal, 1, false, 'FCM', 'RETRY', 1, now() from notifications where operation_id = ${id}::uuid`;
  await db.$executeRaw`update delivery_batches set recorded_lines = recipients where operation_id = ${id}::uuid`;
  const batch = (await aStore(db).lease(batchIds)).find(({ lines }) => lines.length === 100);
  if (!batch) throw new Error("not leased");
  return batch;
}

function lineOf({ lines: [line] }: LeasedBatch) {
  if (!line) throw new Error("no lines");
  return line;
}

describe("of an operation that is newer than the planner's statistics", () => {
  let batch: LeasedBatch;
  beforeAll(async () => {
    await fill(used.db);
    batch = await aTriedOperation(used.db);
  });

  // Of each line the way down an index or two, and a page of the table; by all the lines of the operation it is far more.
  const mostPagesOf = ({ lines }: LeasedBatch) => lines.length * 12;

  test("reading what is on record of a batch costs what the batch has lines", async () => {
    const [first, last] = [batch.lines[0], batch.lines.at(-1)];
    if (!first || !last) throw new Error("no lines");
    const { id, operationId: operation_id } = batch;
    const range = { id, operation_id, first_ordinal: first.ordinal, last_ordinal: last.ordinal };
    expect(await pagesOf(used.db, recordedLinesQuery([range]))).toBeLessThan(mostPagesOf(batch));
  });

  test("so does reading it for many batches of one line each, of that operation and of others, in one statement", async () => {
    const { id, operationId: operation_id } = batch;
    const ofOne = Array.from({ length: 500 }, (_, index) => {
      return { id, operation_id, first_ordinal: index * 8 + 1, last_ordinal: index * 8 + 1 };
    });
    expect(await pagesOf(used.db, recordedLinesQuery(ofOne))).toBeLessThan(500 * 12);
    const others = await used.db.$queryRaw<{ operation_id: string }[]>`
      select operation_id::text from notifications where operation_id <> ${operation_id}::uuid limit 500`;
    const ofMany = others.map((other) => ({ id, ...other, first_ordinal: 1, last_ordinal: 1 }));
    expect(await pagesOf(used.db, recordedLinesQuery(ofMany))).toBeLessThan(500 * 12);
  });

  test("a record that is made again costs what it has lines", async () => {
    const attempt = { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
    const records = batch.lines.map((line) =>
      aRecord(batch, line, { isNew: false, status: "QUEUED", attempts: 1, nextAttemptAt: new Date(), attempt }),
    );
    expect(await pagesOf(used.db, recordOutcomesQuery(records, true))).toBeLessThan(mostPagesOf(batch));
  });

  test("so does canceling what waits for its next try", async () => {
    await aStore(used.db).release(batch, { dueAt: new Date(), untried: false });
    await used.db.$executeRaw`update delivery_batches set leased_by = null`;
    const pages = await pagesOf(used.db, cancelUnheldQuery(batch.operationId));
    expect(await used.db.notification.count({ where: { status: "CANCELED" } })).toBe(4_100);
    expect(pages).toBeLessThan(4_100 * 16);
  });
});

test("500 batches of one line that are to be tried again are leased, with all that is on record, by two statements", async () => {
  const batchIds: string[] = [];
  // A few at a time: what is made waits for a connection.
  while (batchIds.length < 500) {
    const made = await Promise.all(Array.from({ length: 20 }, () => aFannedOutOperation(used.db, 1)));
    batchIds.push(...made.flatMap((one) => one.batchIds));
  }
  const store = aStore(used.db);
  const attempt = { outcome: "UNKNOWN" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
  const leases = await store.lease(batchIds);
  await store.record(
    leases.map((lease) => aRecord(lease, lineOf(lease), { status: "QUEUED", nextAttemptAt: new Date(), attempt })),
  );
  for (const lease of leases) await store.release(lease, { dueAt: new Date(), untried: false });
  let statements = 0;
  const counted = new Proxy(used.db, {
    get(db, name) {
      if (name === "$queryRaw") statements++;
      const value = Reflect.get(db, name);
      return typeof value === "function" ? value.bind(db) : value;
    },
  });
  const again = await aStore(counted).lease(batchIds);
  expect(statements).toBe(2);
  expect(again).toHaveLength(500);
  for (const { recorded } of again) {
    expect([...recorded]).toMatchObject([["1", { status: "QUEUED", attempts: 1, lastOutcome: "UNKNOWN" }]]);
  }
});

test("a lease whose answer was lost is found by the same call made again, as if it had been heard; by no other call", async () => {
  const { batchIds } = await aFannedOutOperation(used.db, 1);
  const store = aStore(used.db);
  const nobody = () => undefined;
  const [lost] = await store.lease(batchIds, nobody, "call-1");
  expect(await store.lease(batchIds, nobody, "call-2")).toEqual([]);
  const [found] = await store.lease(batchIds, nobody, "call-1");
  expect(found).toEqual({ ...lost, epoch: (lost?.epoch ?? 0) + 1 });
  expect(found).toMatchObject({ takenOver: false, suspicion: "none" });
});

test("who leases is told of it before what is on record is read, and can prolong it for as long as that takes", async () => {
  const { batchIds } = await aFannedOutOperation(used.db, 2);
  const store = aStore(used.db);
  const [first] = await store.lease(batchIds);
  const [line] = first?.lines ?? [];
  if (!first || !line) throw new Error("not leased");
  await store.record([aRecord(first, line)]);
  await store.release(first, { dueAt: new Date(), untried: true });
  let leasing: Promise<LeasedBatch[]> = Promise.resolve([]);
  const whileLocked = async (locking: Pick<Db, "$executeRaw">) => {
    await locking.$executeRaw`lock table notifications in access exclusive mode`;
    const leases = await new Promise<readonly LeaseRef[]>((onLeased, reject) => {
      leasing = store.lease(batchIds, onLeased);
      leasing.then(() => reject(new Error("It was told of nothing before all was read.")), reject);
    });
    expect(leases).toEqual([{ id: first.id, epoch: first.epoch + 1 }]);
    expect((await store.renew(leases)).held).toEqual(new Set(leases.map(leaseKey)));
  };
  await used.db.$transaction(whileLocked, { timeout: 30_000 });
  const [again] = await leasing;
  expect(again?.recorded.get(String(line.ordinal))).toMatchObject({ status: "SENT" });
});
