import type { Db } from "@fanfare/db";
import { type LeasedBatch, type LeaseRef, leaseKey } from "@fanfare/domain";
import type { Prisma } from "../src/generated/prisma/client.js";
import { recordedLinesQuery } from "../src/lease-batches.js";
import { recordOutcomesQuery } from "../src/record-outcomes.js";
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

interface PlanNode {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: PlanNode[];
}

/** Pages that the costliest part of a statement touches, which is made: unlike time, the same on every machine. */
async function pagesOf(db: Db, query: Prisma.Sql): Promise<number> {
  const [line] = await db.$queryRaw<{ "QUERY PLAN": [{ Plan: PlanNode }] }[]>`
    explain (analyze, buffers, timing off, format json) ${query}`;
  return line ? mostPages(line["QUERY PLAN"][0].Plan) : 0;
}

// What a `with` writes is not counted to the statement as a whole.
function mostPages({ Plans = [], ...node }: PlanNode): number {
  return Math.max(node["Shared Hit Blocks"] + node["Shared Read Blocks"], ...Plans.map(mostPages));
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
    const range = { operation_id: batch.operationId, first_ordinal: first.ordinal, last_ordinal: last.ordinal };
    expect(await pagesOf(used.db, recordedLinesQuery(range))).toBeLessThan(mostPagesOf(batch));
  });

  test("a record that is made again costs what it has lines", async () => {
    const attempt = { outcome: "RETRY" as const, mayRepeat: false, latencyMs: 1, startedAt: new Date() };
    const records = batch.lines.map((line) =>
      aRecord(batch, line, { isNew: false, status: "QUEUED", attempts: 1, nextAttemptAt: new Date(), attempt }),
    );
    expect(await pagesOf(used.db, recordOutcomesQuery(records, true))).toBeLessThan(mostPagesOf(batch));
  });
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
