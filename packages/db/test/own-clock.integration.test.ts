import { jest } from "@jest/globals";
import { aFannedOutOperation, aRecord, aStore, useDatabase } from "./support.js";

const used = useDatabase();

afterEach(() => jest.restoreAllMocks());

/** From here on this process's clock is wrong. */
function setClockWrongBy(minutes: number): void {
  const rightNow = Date.now;
  jest.spyOn(Date, "now").mockImplementation(() => rightNow() + minutes * 60_000);
}

describe.each([5, -5])("a worker whose clock is %d minutes off", (minutes) => {
  test("gives a batch back for when it is due by the database's clock", async () => {
    const { batchIds } = await aFannedOutOperation(used.db, 1);
    const store = aStore(used.db);
    setClockWrongBy(minutes);
    const [lease] = await store.lease(batchIds);
    if (!lease) throw new Error("It could not be leased.");
    await store.release(lease, { dueAt: new Date(Date.now() + 30_000), untried: false });
    const [found] = await used.db.$queryRaw<{ visible: number; enqueued: number }[]>`
      select extract(epoch from visible_at - now())::float8 as visible,
        extract(epoch from enqueue_at - now())::float8 as enqueued from delivery_batches where id = ${lease.id}::uuid`;
    expect(found?.visible).toBeGreaterThan(25);
    expect(found?.visible).toBeLessThanOrEqual(30);
    expect(found?.enqueued).toBe(found?.visible);
  });

  test("records a retry for when it is due, and any other worker reads it so", async () => {
    const { id, batchIds } = await aFannedOutOperation(used.db, 1);
    const store = aStore(used.db);
    const rightNow = Date.now;
    setClockWrongBy(minutes);
    const [lease] = await store.lease(batchIds);
    const line = lease?.lines[0];
    if (!lease || !line) throw new Error("It could not be leased.");
    await store.record([aRecord(lease, line, { status: "QUEUED", nextAttemptAt: new Date(Date.now() + 30_000) })]);
    await store.release(lease, { dueAt: new Date(Date.now()), untried: false });
    jest.restoreAllMocks();
    const [again] = await aStore(used.db, "worker-2").lease(batchIds);
    const dueAt = again?.recorded.get("1")?.nextAttemptAt?.getTime() ?? 0;
    expect(dueAt - rightNow()).toBeGreaterThan(25_000);
    expect(dueAt - rightNow()).toBeLessThanOrEqual(30_000);
    const [attempt] = await used.db.$queryRaw<{ seconds: number }[]>`
      select extract(epoch from next_attempt_at - now())::float8 as seconds from attempts where operation_id = ${id}::uuid`;
    expect(attempt?.seconds).toBeGreaterThan(25);
  });
});
