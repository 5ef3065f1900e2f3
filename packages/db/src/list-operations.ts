import { firstUuidAt, type NotificationStatus, type OperationStatus, type Provider } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { findOperations, type StoredOperation } from "./find-operation.js";
import { Prisma } from "./generated/prisma/client.js";
import { mayUse } from "./operation-senders.js";

/** Which operations are listed. */
export interface OperationFilter {
  status?: OperationStatus | undefined;
  /** Operations that have at least one notification of this status. */
  notificationStatus?: NotificationStatus | undefined;
  provider?: Provider | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
}

/** A page of a list of operations, newest first. */
export interface OperationPage {
  /** The last operation of the page before. */
  before?: string | undefined;
  /** Begin with this operation. */
  from?: string | undefined;
  limit: number;
}

/**
 * The ids of an account's operations, newest first. Each filter has an index that begins with the account and has the
 * order, so that a page costs what it holds, however many operations do not fit.
 */
export function operationIdsQuery(accountId: string, filter: OperationFilter, page: OperationPage): Prisma.Sql {
  const [driving, ...others] = Object.entries(filter.tags ?? {});
  const within = (id: Prisma.Sql) => [
    ...(page.before === undefined ? [] : [Prisma.sql`${id} < ${page.before}::uuid`]),
    ...(page.from === undefined ? [] : [Prisma.sql`${id} <= ${page.from}::uuid`]),
    ...(filter.createdAfter ? [Prisma.sql`${id} >= ${firstUuidAt(filter.createdAfter)}::uuid`] : []),
    ...(filter.createdBefore ? [Prisma.sql`${id} < ${firstUuidAt(filter.createdBefore)}::uuid`] : []),
  ];
  const fits = Prisma.join(
    [
      Prisma.sql`o.account_id = ${accountId}::uuid`,
      ...(filter.status ? [Prisma.sql`o.status = ${filter.status}::operation_status`] : []),
      ...(filter.provider ? [mayUse(filter.provider)] : []),
      ...(filter.notificationStatus ? [HAS_STATUS[filter.notificationStatus]] : []),
      ...others.map(([key, value]) => Prisma.sql`o.tags ->> ${key} = ${value}`),
    ],
    " and ",
  );
  if (!driving)
    return Prisma.sql`
      select o.id::text from operations o
      where ${Prisma.join([fits, ...within(Prisma.sql`o.id`)], " and ")} order by o.id desc limit ${page.limit}`;
  const tag = Prisma.sql`t.account_id = ${accountId}::uuid and t.tag = ${driving.join("=")}`;
  // `offset 0` keeps the join a look-up for each row of the tag: a merge, which the planner takes now and then for as
  // cheap, goes through every newer operation before it comes to the first that fits.
  return Prisma.sql`
    select o.id::text from operation_tags t
    cross join lateral (select o.id from operations o where o.id = t.operation_id and ${fits} offset 0) o
    where ${Prisma.join([tag, ...within(Prisma.sql`t.operation_id`)], " and ")}
    order by t.operation_id desc limit ${page.limit}`;
}

// Counters that have an index of their own are named with the condition of that index; recipients that have no row yet
// count as queued or scheduled, and only operations that are not finished have any.
const HAS_STATUS: Record<NotificationStatus, Prisma.Sql> = {
  SCHEDULED: Prisma.sql`o.status = 'SCHEDULED'`,
  QUEUED: Prisma.sql`o.status = 'PROCESSING'`,
  SENT: Prisma.sql`o.sent > 0`,
  DELIVERED: Prisma.sql`o.delivered > 0`,
  READ: Prisma.sql`o.read > 0`,
  UNDELIVERED: Prisma.sql`o.undelivered > 0`,
  FAILED: Prisma.sql`o.failed > 0`,
  CANCELED: Prisma.sql`o.canceled > 0`,
};

/** Runs {@link operationIdsQuery}. */
export async function listOperationIds(
  db: Db,
  accountId: string,
  filter: OperationFilter,
  page: OperationPage,
): Promise<string[]> {
  return (await db.$queryRaw<{ id: string }[]>(operationIdsQuery(accountId, filter, page))).map(({ id }) => id);
}

/** An account's operations, newest first. */
export async function listOperations(
  db: Db,
  accountId: string,
  filter: OperationFilter,
  page: OperationPage,
): Promise<StoredOperation[]> {
  const ids = await listOperationIds(db, accountId, filter, page);
  const operations = await findOperations(db, ids);
  return operations.sort((a, b) => (a.id < b.id ? 1 : -1));
}
