import type { Db } from "./connect.js";
import type { Prisma } from "./generated/prisma/client.js";

/**
 * Makes those batches of a credential due that wait because something was in the way: it was changed, and nobody has to wait for
 * the end of a pause that was its older content's. Those that somebody is about to lease or to change come back by themselves.
 */
export async function wakeBatchesOf(db: Db | Prisma.TransactionClient, credentialId: string): Promise<void> {
  await db.$executeRaw`
    with waiting as (
      select b.id from delivery_batches b join operations o on o.id = b.operation_id
      where b.wait_code is not null and b.leased_by is null and not b.canceled and b.visible_at > now()
        and (o.fcm_credential_id = ${credentialId}::uuid or o.apn_credential_id = ${credentialId}::uuid)
      order by b.id for update of b skip locked
    )
    update delivery_batches b set visible_at = now(), enqueue_at = now() from waiting where b.id = waiting.id`;
}
