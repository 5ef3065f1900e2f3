import { LANES, type Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { AGAIN_MAX_MS } from "./due-batches.js";
import { Prisma } from "./generated/prisma/client.js";

/** What there may be for a dispatcher to do: where it says no, there is nothing. */
export interface DispatchWork {
  canceling: boolean;
  scheduled: boolean;
  recipientBatches: boolean;
  deliveryBatches: Record<Provider, boolean>;
}

/**
 * Looks for {@link DispatchWork}, in one statement that is cheap however many rows there are: it is all that is asked of an
 * installation that has nothing to do.
 */
export async function findDispatchWork(db: Db): Promise<DispatchWork> {
  const [{ fcm, apn, ...work }] = await db.$queryRaw<
    [Omit<DispatchWork, "deliveryBatches"> & { fcm: boolean; apn: boolean }]
  >(dispatchWorkQuery());
  return { ...work, deliveryBatches: { FCM: fcm, APN: apn } };
}

/** The statement of {@link findDispatchWork}. @internal */
export function dispatchWorkQuery(): Prisma.Sql {
  // What is due later than a claim looks ahead is not claimed, whatever the queue has lost.
  const soon = AGAIN_MAX_MS / 1000;
  // Each minimum is the first entry of an index; of what is canceled none is due.
  return Prisma.sql`
    select
      (select min(cancel_requested_at) from operations
       where cancel_requested_at is not null and completed_at is null) is not null as canceling,
      (select min(scheduled_for) from operations where status = 'SCHEDULED') is not null as scheduled,
      coalesce(min(recipient.first) <= now() + make_interval(secs => ${soon}), false) as "recipientBatches",
      coalesce(min(fcm.first) <= now() + make_interval(secs => ${soon}), false) as fcm,
      coalesce(min(apn.first) <= now() + make_interval(secs => ${soon}), false) as apn
    from unnest(${[...LANES]}::smallint[]) as wanted(lane),
      lateral (select min(b.enqueue_at) as first from recipient_batches b where b.lane = wanted.lane) recipient,
      lateral (
        select min(b.enqueue_at) as first from delivery_batches b where b.provider = 'FCM' and b.lane = wanted.lane
      ) fcm,
      lateral (
        select min(b.enqueue_at) as first from delivery_batches b where b.provider = 'APN' and b.lane = wanted.lane
      ) apn`;
}
