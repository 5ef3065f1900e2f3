import type { Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { Prisma } from "./generated/prisma/client.js";

/** Notifications of an operation that went wrong in the same way. */
export interface StoredOperationError {
  code: string;
  /** Null: of several addresses, or before it was clear which provider. */
  provider: Provider | null;
  count: number;
  /** The first of them. */
  sampleOrdinals: number[];
}

const SAMPLES = 5;

/** What went wrong with the notifications of an operation, by provider and code, most frequent first. */
export function operationErrorsQuery(operationId: string): Prisma.Sql {
  return Prisma.sql`
    select g.code, g.provider, g.count,
      array(
        select n.ordinal from notifications n
        where n.operation_id = ${operationId}::uuid and n.error_code = g.code
          and n.provider is not distinct from g.provider
        order by n.ordinal limit ${SAMPLES}
      ) as "sampleOrdinals"
    from (
      select error_code as code, provider, count(*)::integer as count from notifications
      where operation_id = ${operationId}::uuid and error_code is not null
      group by error_code, provider
    ) g
    order by g.count desc, g.code, g.provider`;
}

/** Runs {@link operationErrorsQuery}. */
export async function listOperationErrors(db: Db, operationId: string): Promise<StoredOperationError[]> {
  return db.$queryRaw<StoredOperationError[]>(operationErrorsQuery(operationId));
}
