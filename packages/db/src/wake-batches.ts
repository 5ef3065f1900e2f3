import type { Db } from "./connect.js";
import { BATCH_CREDENTIAL_ID } from "./operation-senders.js";

/** Batches of one statement: it locks them, and others wait for those. */
const AT_ONCE = 2_000;

const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/**
 * Makes those batches of a credential due that wait because something was in the way: it was changed, and nobody has to wait for
 * the end of a pause that was its older content's. Those that somebody is about to lease or to change come back by themselves.
 */
export async function wakeBatchesOf(db: Db, credentialId: string): Promise<void> {
  let after: string | undefined = BEFORE_ALL;
  while (after !== undefined) {
    const woken: { id: string }[] = await db.$queryRaw`
      with waiting as (
        select b.id from delivery_batches b join operations o on o.id = b.operation_id
        where b.wait_code is not null and b.id > ${after}::uuid and b.leased_by is null and not b.canceled
          and b.visible_at > now() and ${BATCH_CREDENTIAL_ID} = ${credentialId}::uuid
        order by b.id limit ${AT_ONCE} for update of b skip locked
      ), woken as (
        update delivery_batches b set visible_at = now(), enqueue_at = now() from waiting where b.id = waiting.id
      )
      select id::text from waiting order by waiting.id desc limit 1`;
    after = woken[0]?.id;
  }
}
