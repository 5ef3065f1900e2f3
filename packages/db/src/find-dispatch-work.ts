import { LANES, type PerProvider, PROVIDERS } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { AGAIN_MAX_MS } from "./due-batches.js";
import { Prisma } from "./generated/prisma/client.js";

/** What there may be for a dispatcher to do: where it says no, there is nothing. */
export interface DispatchWork {
  canceling: boolean;
  scheduled: boolean;
  recipientBatches: boolean;
  deliveryBatches: PerProvider<boolean>;
}

/**
 * Looks for {@link DispatchWork}, in one statement that is cheap however many rows there are: it is all that is asked of an
 * installation that has nothing to do.
 */
export async function findDispatchWork(db: Db): Promise<DispatchWork> {
  const [work] = await db.$queryRaw<[DispatchWork]>(dispatchWorkQuery());
  return work;
}

/** The statement of {@link findDispatchWork}. @internal */
export function dispatchWorkQuery(): Prisma.Sql {
  // What is due later than a claim looks ahead is not claimed, whatever the queue has lost.
  const soon = AGAIN_MAX_MS / 1000;
  const isSoon = (first: Prisma.Sql) =>
    Prisma.sql`coalesce(min(${first}) <= now() + make_interval(secs => ${soon}), false)`;
  const ofProviders = PROVIDERS.map((provider) => ({
    provider: Prisma.raw(`'${provider}'`),
    alias: Prisma.raw(`of_${provider}`),
  }));
  const pairs = ofProviders.map(
    ({ provider, alias }) => Prisma.sql`${provider}, ${isSoon(Prisma.sql`${alias}.first`)}`,
  );
  const firsts = ofProviders.map(
    ({ provider, alias }) => Prisma.sql`
      lateral (
        select min(b.enqueue_at) as first from delivery_batches b where b.provider = ${provider} and b.lane = wanted.lane
      ) ${alias}`,
  );
  // Each minimum is the first entry of an index; of what is canceled none is due.
  return Prisma.sql`
    select
      (select min(cancel_requested_at) from operations
       where cancel_requested_at is not null and completed_at is null) is not null as canceling,
      (select min(scheduled_for) from operations where status = 'SCHEDULED') is not null as scheduled,
      ${isSoon(Prisma.sql`recipient.first`)} as "recipientBatches",
      json_build_object(${Prisma.join(pairs)}) as "deliveryBatches"
    from unnest(${[...LANES]}::smallint[]) as wanted(lane),
      lateral (select min(b.enqueue_at) as first from recipient_batches b where b.lane = wanted.lane) recipient,
      ${Prisma.join(firsts)}`;
}
