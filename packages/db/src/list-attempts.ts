import type { Db } from "./connect.js";
import type { Attempt } from "./generated/prisma/client.js";
import { readNotificationRows } from "./list-notifications.js";

/** An attempt as stored, with the token that it went to. */
export type StoredAttempt = Attempt & { token: string };

/** Where a page of attempts ends. */
export interface AttemptCursor {
  ordinal: number;
  number: number;
}

/** The attempts of an operation, or of one of its notifications, in the order of the request and of their making. */
export async function listAttempts(
  db: Db,
  operationId: string,
  { ordinal, after, limit }: { ordinal?: number | undefined; after?: AttemptCursor | undefined; limit: number },
): Promise<StoredAttempt[]> {
  const rows = await db.attempt.findMany({
    where: {
      operationId,
      ...(ordinal !== undefined && { ordinal }),
      ...(after && {
        OR: [{ ordinal: { gt: after.ordinal } }, { ordinal: after.ordinal, number: { gt: after.number } }],
        // Lets the scan begin at the cursor: the alternative above does not.
        AND: [{ ordinal: { gte: after.ordinal } }],
      }),
    },
    orderBy: [{ ordinal: "asc" }, { number: "asc" }],
    take: limit,
  });
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const range = { first: first.ordinal, last: last.ordinal };
  const notifications = await readNotificationRows(db, operationId, range);
  const tokens = new Map(notifications.map((found) => [found.ordinal, found.addresses[0]?.token ?? ""]));
  return rows.map((row) => ({ ...row, token: row.token ?? tokens.get(row.ordinal) ?? "" }));
}
