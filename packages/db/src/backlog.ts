import type { Db } from "./connect.js";

/**
 * Recipients that wait to be sent to, by account (UUID): from the 202 on until each has an outcome for good. Those of
 * scheduled operations wait for their time, and are not counted.
 *
 * Batches hold what is outstanding and nothing else, so this reads as many rows as there are batches: a thousandth of the
 * backlog when sends are large, all of it when each is to one recipient.
 */
export async function findBacklog(db: Db): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ accountId: string; waiting: bigint }[]>`
    select o.account_id::text as "accountId", sum(b.waiting)::bigint as waiting
    from (
      select operation_id, sum(recipients) as waiting from recipient_batches
      where enqueue_at < 'infinity' and not canceled group by operation_id
      union all
      select operation_id, sum(open_lines) from delivery_batches where not canceled group by operation_id
    ) b
    join operations o on o.id = b.operation_id
    group by o.account_id`;
  return new Map(rows.map(({ accountId, waiting }) => [accountId, Number(waiting)]));
}
