import type { Duplicate, OperationStatus, PushMessage, Stats } from "@fanfare/domain";
import type { Db } from "./connect.js";
import type { Operation } from "./generated/prisma/client.js";
import { type OperationSender, senderOf } from "./operation-senders.js";

/** An operation as stored. */
export interface StoredOperation extends OperationSender {
  id: string;
  status: OperationStatus;
  stats: Stats;
  message: PushMessage;
  tags: Record<string, string>;
  scheduledFor: Date | null;
  duplicates: number;
  duplicateSamples: Duplicate[];
  createdAt: Date;
  updatedAt: Date;
  completedAt: Date | null;
}

/** An operation of an account by its UUID; `undefined` when there is none, or it is another account's. */
export async function findOperation(db: Db, accountId: string, id: string): Promise<StoredOperation | undefined> {
  const row = await db.operation.findUnique({ where: { id, accountId } });
  return row ? toStoredOperation(row) : undefined;
}

/** Operations by their ids, whichever account's they are; unknown ids are missing from the answer. */
export async function findOperations(db: Db, ids: readonly string[]): Promise<StoredOperation[]> {
  const rows = await db.operation.findMany({ where: { id: { in: [...ids] } } });
  return rows.map(toStoredOperation);
}

/** An operation's row as the rest of the code sees it. */
export function toStoredOperation(row: Operation): StoredOperation {
  return {
    ...row,
    ...senderOf(row),
    stats: statsOf(row),
    message: row.message as PushMessage,
    tags: row.tags as Record<string, string>,
    duplicateSamples: (row.duplicateSamples ?? []) as unknown as Duplicate[],
  };
}

/** The counters of an operation's row, in the order in which the API shows them. */
export function statsOf(row: Omit<Operation, "message" | "tags">): Stats {
  return {
    total: row.total,
    recipients: row.recipients,
    attempts: row.attempts,
    unaddressable: row.unaddressable,
    scheduled: row.scheduled,
    queued: row.queued,
    sent: row.sent,
    delivered: row.delivered,
    read: row.read,
    undelivered: row.undelivered,
    failed: row.failed,
    canceled: row.canceled,
  };
}
