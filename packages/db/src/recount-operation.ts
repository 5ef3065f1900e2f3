import { type NotificationStatus, recountStats, type Stats } from "@fanfare/domain";
import type { Db } from "./connect.js";
import { statsOf } from "./find-operation.js";

/**
 * An operation's counters recounted from its rows and batches, beside its own counters. Reads every row of the
 * operation: for checks, not for requests.
 */
export async function recountOperation(db: Db, operationId: string): Promise<{ counters: Stats; rows: Stats }> {
  return db.$transaction(
    async (tx) => {
      const operation = await tx.operation.findUniqueOrThrow({ where: { id: operationId } });
      const statuses = await tx.notification.groupBy({
        by: ["status"],
        where: { operationId },
        _count: { _all: true },
      });
      const attempts = await tx.attempt.count({ where: { operationId } });
      const waiting = await tx.recipientBatch.aggregate({ where: { operationId }, _sum: { recipients: true } });
      const lines = await tx.deliveryBatch.aggregate({
        where: { operationId },
        _sum: { recipients: true, recordedLines: true },
      });
      const counters = statsOf(operation);
      const rows = recountStats({
        recipients: counters.recipients,
        unaddressable: counters.unaddressable,
        attempts,
        rows: Object.fromEntries(statuses.map(({ status, _count }) => [status as NotificationStatus, _count._all])),
        withoutRow: (waiting._sum.recipients ?? 0) + (lines._sum.recipients ?? 0) - (lines._sum.recordedLines ?? 0),
      });
      return { counters, rows };
    },
    { isolationLevel: "RepeatableRead", timeout: 60_000 },
  );
}
