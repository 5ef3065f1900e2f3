import type { Db, DueOptions } from "@fanfare/db";
import {
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  returnDeliveryBatches,
  returnRecipientBatches,
} from "@fanfare/db";
import { aMessage, someRecipients, until } from "@fanfare/testkit";
import { claimDueDeliveryBatchesQuery } from "../src/due-batches.js";
import { dispatchWorkQuery } from "../src/find-dispatch-work.js";
import { pagesOf } from "./pages-of.js";
import { accept, accountId, aFannedOutOperation, aStore, useDatabase } from "./support.js";

const used = useDatabase();

beforeEach(() => used.db.$executeRaw`truncate delivery_batches`);

const OTHERS = 50_000;

/** Batches of an operation that are due, or wait for a retry, for so many seconds. */
async function fill(db: Db, provider: "FCM" | "APN", dueInSeconds: number): Promise<void> {
  const { id } = await aFannedOutOperation(db, 1);
  await db.$executeRaw`
    insert into delivery_batches (
      id, operation_id, provider, first_ordinal, last_ordinal, recipients, open_lines, lines, visible_at, enqueue_at
    )
    select gen_random_uuid(), ${id}::uuid, ${provider}::provider, i, i, 1, 1, '[]', now() + make_interval(secs => ${dueInSeconds}),
      now() + make_interval(secs => ${dueInSeconds})
    from generate_series(1, ${OTHERS}) i`;
}

const options = { lane: 1, limit: 1_000, againMs: 60_000, queueIsEmpty: false } as const;

test("what is due of one provider is found past all that is due of the other and all that waits for a retry", async () => {
  await fill(used.db, "APN", -60);
  await fill(used.db, "FCM", 300);
  await used.db.$executeRawUnsafe("vacuum analyze delivery_batches");
  expect(await pagesOf(used.db, dispatchWorkQuery())).toBeLessThan(100);
  expect(await pagesOf(used.db, claimDueDeliveryBatchesQuery("FCM", options))).toBeLessThan(100);
});

test("what is due of a lane is found past all that is due of the others, and they know where it belongs", async () => {
  await fill(used.db, "FCM", -60);
  const { batchIds } = await aFannedOutOperation(used.db, 12_000);
  await used.db.$executeRaw`update delivery_batches set enqueue_at = now() where id = any(${batchIds}::uuid[])`;
  await used.db.$executeRawUnsafe("vacuum analyze delivery_batches");
  for (const lane of [0, 2] as const) {
    const depths = await used.db.$queryRaw<{ depth: number }[]>`
      select first_ordinal as depth from delivery_batches
      where lane = ${lane} and id = any(${batchIds}::uuid[]) order by 1`;
    expect(depths.map(({ depth }) => depth)).toEqual(lane === 0 ? [1] : [10_001, 11_001]);
    expect(await pagesOf(used.db, claimDueDeliveryBatchesQuery("FCM", { ...options, lane }))).toBeLessThan(100);
  }
});

test("a claim that is given back is due again at once; what somebody holds by then is left to them", async () => {
  const operations = await Promise.all([aFannedOutOperation(used.db, 1), aFannedOutOperation(used.db, 1)]);
  const batchIds = operations.flatMap((operation) => operation.batchIds);
  await used.db.$executeRaw`update delivery_batches set enqueue_at = now()`;
  const claim = () => claimDueDeliveryBatches(used.db, "FCM", { ...options, lane: 0 });
  expect(await claim()).toHaveLength(2);
  expect(await claim()).toEqual([]);
  const [held = "", other = ""] = batchIds;
  await until(async () => (await aStore(used.db).lease([held])).length === 1);
  await returnDeliveryBatches(
    used.db,
    batchIds.map((id) => ({ id })),
  );
  expect(await claim()).toMatchObject([{ id: other }]);
});

const kinds = {
  delivery: {
    times: ["enqueue_at", "visible_at"],
    make: async (db: Db) => (await aFannedOutOperation(db, 1)).batchIds,
    claim: (db: Db, claimOptions: DueOptions) => claimDueDeliveryBatches(db, "FCM", claimOptions),
    giveBack: returnDeliveryBatches,
  },
  recipient: {
    times: ["enqueue_at"],
    async make(db: Db) {
      const { batches } = await accept(db, { accountId, message: aMessage(), tags: {}, recipients: someRecipients(1) });
      return batches.map(({ id }) => id);
    },
    claim: claimDueRecipientBatches,
    giveBack: returnRecipientBatches,
  },
};

test.each(["delivery", "recipient"] as const)("%s batches that are given back keep their place", async (kind) => {
  const { times, make, claim, giveBack } = kinds[kind];
  const ids: string[] = [];
  for (const secondsAgo of [30, 20, 10]) {
    const [id = ""] = await make(used.db);
    const since = `now() - interval '${secondsAgo} s'`;
    const set = times.map((time) => `${time} = ${since}`).join();
    await used.db.$executeRawUnsafe(`update ${kind}_batches set ${set} where id = '${id}'`);
    ids.push(id);
  }
  const claimIds = async (limit: number, queueIsEmpty = false) => {
    const claimed = await claim(used.db, { ...options, lane: 0, limit, queueIsEmpty });
    return { claimed, ids: claimed.map(({ id }) => id).sort() };
  };
  const first = await claimIds(1);
  expect(first.ids).toEqual([ids[0]]);
  await giveBack(used.db, first.claimed);
  const again = await claimIds(1);
  expect(again.ids).toEqual([ids[0]]);
  // What an empty queue is given before its time is due from then on.
  const early = await claimIds(3, true);
  expect(early.ids).toEqual([...ids].sort());
  expect(early.claimed.some(({ dueAt }) => dueAt > new Date())).toBe(true);
  await giveBack(used.db, early.claimed);
  expect((await claimIds(3)).ids).toEqual([...ids].sort());
});
