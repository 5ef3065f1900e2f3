import { firstUuidAt, type NotificationStatus } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { findOperations, type StoredOperation } from "./find-operation.js";
import { Prisma } from "./generated/prisma/client.js";
import { listNotifications, type StoredNotification } from "./list-notifications.js";
import { listOperationIds, type OperationFilter } from "./list-operations.js";

/** Which notifications are listed. */
export interface NotificationFilter extends Omit<OperationFilter, "status" | "notificationStatus"> {
  operationId?: string | undefined;
  status?: NotificationStatus | undefined;
  token?: string | undefined;
  userId?: string | undefined;
}

/** Where a page ends: what follows is later in this operation, or in an older one. */
export interface NotificationCursor {
  operationId: string;
  ordinal: number;
}

/** A notification and its operation. */
export interface FoundNotification {
  operation: StoredOperation;
  notification: StoredNotification;
}

/** A page; `next` is where the next one begins, null at the end. A page may be short although more follow. */
export interface NotificationPage {
  found: FoundNotification[];
  next: NotificationCursor | null;
}

/** Ordinals that are read at once. */
const CHUNK = 1_000;

/** Chunks that one page reads at most: a filter that fits rarely answers with a short page, not late. */
const CHUNKS_PER_PAGE = 100;

/** Operations that are read at once. */
const OPERATIONS_AT_ONCE = 10;

/** The notifications of an account, newest operation first, each in the order of its request. */
export async function findNotifications(
  db: Db,
  accountId: string,
  filter: NotificationFilter,
  { after, limit }: { after?: NotificationCursor | undefined; limit: number },
): Promise<NotificationPage> {
  if (filter.operationId === undefined && (filter.token ?? filter.userId) !== undefined) {
    return findByAddress(db, accountId, filter, { after, limit });
  }
  const found: FoundNotification[] = [];
  let cursor = after;
  let chunksLeft = CHUNKS_PER_PAGE;
  for (;;) {
    const operations = await nextOperations(db, accountId, filter, cursor);
    if (operations.length === 0) return { found, next: null };
    const begin = cursor;
    const scans = await Promise.all(
      operations.map((operation) => {
        const afterOrdinal = operation.id === begin?.operationId ? begin.ordinal : 0;
        return scanOperation(db, operation, filter, { afterOrdinal, limit: limit - found.length, chunks: chunksLeft });
      }),
    );
    for (const [index, scan] of scans.entries()) {
      const operation = operations[index] as StoredOperation;
      for (const notification of scan.found) {
        found.push({ operation, notification });
        cursor = { operationId: operation.id, ordinal: notification.ordinal };
        if (found.length === limit) return { found, next: cursor };
      }
      cursor = { operationId: operation.id, ordinal: scan.lastOrdinal };
      chunksLeft -= scan.chunks;
      if (chunksLeft <= 0) return { found, next: cursor };
    }
  }
}

/** The operations that a page goes on with: the rest of the cursor's own, then older ones. */
async function nextOperations(
  db: Db,
  accountId: string,
  filter: NotificationFilter,
  cursor: NotificationCursor | undefined,
): Promise<StoredOperation[]> {
  const { operationId, status, provider, tags = {}, createdAfter, createdBefore } = filter;
  if (operationId !== undefined) {
    const [operation] = await findOperations(db, [operationId]);
    const atEnd = operation && cursor && cursor.ordinal >= operation.stats.recipients;
    return operation && !atEnd && operationFits(operation, filter) ? [operation] : [];
  }
  const finished = cursor && (await isFinished(db, cursor));
  const page = {
    ...(cursor && (finished ? { before: cursor.operationId } : { from: cursor.operationId })),
    limit: OPERATIONS_AT_ONCE,
  };
  const operationFilter = { notificationStatus: status, provider, tags, createdAfter, createdBefore };
  const operations = await findOperations(db, await listOperationIds(db, accountId, operationFilter, page));
  return operations.sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function isFinished(db: Db, { operationId, ordinal }: NotificationCursor): Promise<boolean> {
  const [operation] = await findOperations(db, [operationId]);
  return !operation || ordinal >= operation.stats.recipients;
}

async function scanOperation(
  db: Db,
  { id, stats }: StoredOperation,
  filter: NotificationFilter,
  { afterOrdinal, limit, chunks }: { afterOrdinal: number; limit: number; chunks: number },
): Promise<{ found: StoredNotification[]; lastOrdinal: number; chunks: number }> {
  const found: StoredNotification[] = [];
  const size = isSelective(filter) ? CHUNK : Math.min(CHUNK, limit);
  let lastOrdinal = afterOrdinal;
  let read = 0;
  while (found.length < limit && lastOrdinal < stats.recipients && read < chunks) {
    const last = Math.min(lastOrdinal + size, stats.recipients);
    const notifications = await listNotifications(db, id, { first: lastOrdinal + 1, last });
    found.push(...notifications.filter((notification) => fits(notification, filter)));
    lastOrdinal = last;
    read++;
  }
  return { found, lastOrdinal, chunks: read };
}

const isSelective = ({ status, provider, token, userId }: NotificationFilter) =>
  (status ?? provider ?? token ?? userId) !== undefined;

function fits(notification: StoredNotification, { status, provider, token, userId }: NotificationFilter): boolean {
  const { addresses } = notification;
  return (
    (status === undefined || notification.status === status) &&
    (userId === undefined || notification.userId === userId) &&
    (provider === undefined || addresses.some((address) => address.provider === provider)) &&
    (token === undefined || addresses.some((address) => address.token === token))
  );
}

/** Notifications that have a row, by token or user: each has an index that is ordered by operation. */
export function byAddressQuery(
  accountId: string,
  { token, userId, createdAfter, createdBefore }: NotificationFilter,
  { after, limit }: { after?: NotificationCursor | undefined; limit: number },
): Prisma.Sql {
  const rest = after
    ? Prisma.sql`and n.operation_id <= ${after.operationId}::uuid
        and (n.operation_id < ${after.operationId}::uuid or n.ordinal > ${after.ordinal})`
    : Prisma.empty;
  const range = Prisma.sql`${rest}
    ${createdAfter ? Prisma.sql`and n.operation_id >= ${firstUuidAt(createdAfter)}::uuid` : Prisma.empty}
    ${createdBefore ? Prisma.sql`and n.operation_id < ${firstUuidAt(createdBefore)}::uuid` : Prisma.empty}`;
  const owned = Prisma.sql`join operations o on o.id = n.operation_id and o.account_id = ${accountId}::uuid`;
  const ordered = Prisma.sql`order by n.operation_id desc, n.ordinal limit ${limit}`;
  if (userId !== undefined) {
    return Prisma.sql`
      select n.operation_id::text as "operationId", n.ordinal from notifications n ${owned}
      where n.user_id = ${userId}::uuid ${range} ${ordered}`;
  }
  const same = Prisma.sql`hashtextextended(n.token, 0) = hashtextextended(${token ?? ""}, 0) and n.token = ${token ?? ""}`;
  return Prisma.sql`
    (select n.operation_id::text as "operationId", n.ordinal from notifications n ${owned}
      where n.token is not null and ${same} ${range} ${ordered})
    union
    (select n.operation_id::text as "operationId", n.ordinal from notification_addresses n ${owned}
      where ${same} ${range} ${ordered})
    order by "operationId" desc, ordinal limit ${limit}`;
}

async function findByAddress(
  db: Db,
  accountId: string,
  filter: NotificationFilter,
  { after, limit }: { after?: NotificationCursor | undefined; limit: number },
): Promise<NotificationPage> {
  const keys = await db.$queryRaw<NotificationCursor[]>(byAddressQuery(accountId, filter, { after, limit }));
  const operations = new Map(
    (
      await findOperations(
        db,
        keys.map(({ operationId }) => operationId),
      )
    ).map((operation) => [operation.id, operation]),
  );
  const read = await Promise.all(
    keys.map(async ({ operationId, ordinal }) => {
      const [notification] = await listNotifications(db, operationId, { first: ordinal, last: ordinal });
      const operation = operations.get(operationId);
      return operation && notification ? [{ operation, notification }] : [];
    }),
  );
  const found = read
    .flat()
    .filter(({ operation, notification }) => fits(notification, filter) && hasTags(operation, filter));
  return { found, next: keys.length < limit ? null : (keys.at(-1) ?? null) };
}

/** Whether an operation is one whose notifications are asked for; its id has its time. */
function operationFits(operation: StoredOperation, filter: NotificationFilter): boolean {
  const { createdAfter, createdBefore } = filter;
  return (
    hasTags(operation, filter) &&
    (createdAfter === undefined || operation.id >= firstUuidAt(createdAfter)) &&
    (createdBefore === undefined || operation.id < firstUuidAt(createdBefore))
  );
}

function hasTags({ tags }: StoredOperation, filter: NotificationFilter): boolean {
  return Object.entries(filter.tags ?? {}).every(([key, value]) => tags[key] === value);
}
