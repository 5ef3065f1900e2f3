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
      // One that was set aside has a notification's row.
      const waiting = await tx.recipientBatch.groupBy({
        by: ["canceled"],
        where: { operationId, setAside: false },
        _sum: { recipients: true },
      });
      // Lines of recipients with several addresses have rows.
      const lines = await tx.deliveryBatch.groupBy({
        by: ["canceled"],
        where: { operationId, addressed: false },
        _sum: { recipients: true, recordedLines: true },
      });
      const withoutRow = (canceled: boolean) =>
        waiting
          .filter((group) => group.canceled === canceled)
          .reduce((sum, { _sum }) => sum + (_sum.recipients ?? 0), 0) +
        lines
          .filter((group) => group.canceled === canceled)
          .reduce((sum, { _sum }) => sum + (_sum.recipients ?? 0) - (_sum.recordedLines ?? 0), 0);
      const counters = statsOf(operation);
      const found = new Map(statuses.map(({ status, _count }) => [status as NotificationStatus, _count._all]));
      found.set("CANCELED", (found.get("CANCELED") ?? 0) + withoutRow(true));
      const rows = recountStats(
        {
          recipients: counters.recipients,
          unaddressable: counters.unaddressable,
          attempts,
          rows: Object.fromEntries(found),
          withoutRow: withoutRow(false),
        },
        operation.status === "SCHEDULED" ? "SCHEDULED" : "QUEUED",
      );
      return { counters, rows };
    },
    // As long to begin as to run: a check has nobody waiting for it, and its machine may be busy.
    { isolationLevel: "RepeatableRead", maxWait: 60_000, timeout: 60_000 },
  );
}
