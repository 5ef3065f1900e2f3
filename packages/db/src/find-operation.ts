import type { OperationStatus, PushMessage, Stats } from "@fanfare/domain";
import type { Db } from "./connect.js";
import type { Operation } from "./generated/prisma/client.js";

/** An operation as stored. */
export interface StoredOperation {
  id: string;
  status: OperationStatus;
  stats: Stats;
  message: PushMessage;
  tags: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
  completedAt: Date | null;
}

/** An operation of an account by its UUID; `undefined` when there is none, or it is another account's. */
export async function findOperation(db: Db, accountId: string, id: string): Promise<StoredOperation | undefined> {
  const row = await db.operation.findUnique({ where: { id, accountId } });
  return row ? { ...row, stats: statsOf(row), message: row.message as PushMessage, tags: row.tags as Tags } : undefined;
}

type Tags = Record<string, string>;

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
