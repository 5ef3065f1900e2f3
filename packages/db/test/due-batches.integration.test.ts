import type { Db } from "@fanfare/db";
import { claimDueDeliveryBatches, returnDeliveryBatches } from "@fanfare/db";
import { until } from "@fanfare/testkit";
import { claimDueDeliveryBatchesQuery } from "../src/due-batches.js";
import { pagesOf } from "./pages-of.js";
import { aFannedOutOperation, aStore, useDatabase } from "./support.js";

const used = useDatabase();

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

const options = { limit: 1_000, againMs: 60_000, queueIsEmpty: false };

test("what is due of one provider is found past all that is due of the other and all that waits for a retry", async () => {
  await fill(used.db, "APN", -60);
  await fill(used.db, "FCM", 300);
  await used.db.$executeRawUnsafe("vacuum analyze delivery_batches");
  expect(await pagesOf(used.db, claimDueDeliveryBatchesQuery("FCM", options))).toBeLessThan(100);
  await used.db.$executeRaw`truncate delivery_batches`;
});

test("a claim that is given back is due again at once; what somebody holds by then is left to them", async () => {
  const { batchIds } = await aFannedOutOperation(used.db, 2_000);
  await used.db.$executeRaw`update delivery_batches set enqueue_at = now()`;
  const claim = () => claimDueDeliveryBatches(used.db, "FCM", options);
  expect(await claim()).toHaveLength(2);
  expect(await claim()).toEqual([]);
  const [held = "", other = ""] = batchIds;
  await until(async () => (await aStore(used.db).lease([held])).length === 1);
  await returnDeliveryBatches(used.db, batchIds);
  expect(await claim()).toMatchObject([{ id: other }]);
});
