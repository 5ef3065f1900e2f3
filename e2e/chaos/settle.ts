import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "@fanfare/db";
import type { Timeline } from "./timeline.js";

/** Waits until nothing is open, or until the time for that is up. */
export async function settle(db: Db, settleMs: number, timeline: Timeline): Promise<void> {
  // Of a recipient that is reached the other addresses may still be tried.
  const countOpen = async () =>
    (await db.operation.count({ where: { completedAt: null } })) +
    (await db.deliveryBatch.count({ where: { canceled: false } }));
  const giveUpAt = performance.now() + settleMs;
  // A soak's faults go on meanwhile: while the database is away nothing is known.
  const open = () => countOpen().catch(() => Number.NaN);
  let left = await open();
  while (left !== 0 && performance.now() < giveUpAt) {
    await sleep(100);
    left = await open();
  }
  timeline.event(left === 0 ? "all has ended" : `${left} operations and batches are open, and the time is up`);
}
