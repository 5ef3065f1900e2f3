import { decodeLines, decodeRecipients, type NotificationStatus, type Provider } from "@fanfare/domain";
import { RECIPIENT_BATCH_SIZE } from "./accept-operation.js";
import type { Db } from "./connect.js";

/** A notification as stored: a row, or, before its first outcome, a line of a batch. */
export interface StoredNotification {
  ordinal: number;
  provider: Provider;
  token: string;
  status: NotificationStatus;
  attempts: number;
  errorCode: string | null;
  errorDetail: string | null;
  /** Null while it has no row: nothing has happened to it since its operation was accepted. */
  updatedAt: Date | null;
}

/**
 * The notifications of an operation whose ordinals are in `[first, last]`, in order. Costs the same wherever in an
 * operation of whatever size the page lies.
 *
 * Lines only ever move from a recipient batch to a delivery batch to a row, and this reads in that order: a line that
 * moves meanwhile is seen twice, never not at all, and the later reading wins.
 */
export async function listNotifications(
  db: Db,
  operationId: string,
  { first, last }: { first: number; last: number },
): Promise<StoredNotification[]> {
  const found = new Map<number, StoredNotification>();
  for (const waiting of [
    await readRecipientLines(db, operationId, first, last),
    await readLines(db, operationId, first, last),
  ]) {
    for (const line of waiting) if (line.ordinal >= first && line.ordinal <= last) found.set(line.ordinal, line);
  }
  const rows = await db.notification.findMany({
    where: { operationId, ordinal: { gte: first, lte: last } },
    omit: { operationId: true, nextAttemptAt: true },
  });
  for (const row of rows) found.set(row.ordinal, row);
  return [...found.values()].sort((a, b) => a.ordinal - b.ordinal);
}

// No batch spans more ordinals than a recipient batch has, so only those that begin in this range can overlap the page.
const overlapping = (first: number, last: number) => ({ gt: first - RECIPIENT_BATCH_SIZE, lte: last });

async function readRecipientLines(db: Db, operationId: string, first: number, last: number) {
  const batches = await db.recipientBatch.findMany({
    where: { operationId, firstOrdinal: overlapping(first, last) },
    select: { firstOrdinal: true, content: true },
  });
  return batches.flatMap(({ firstOrdinal, content }) =>
    decodeRecipients(content).map(({ provider, token }, index) => waitingLine(firstOrdinal + index, provider, token)),
  );
}

async function readLines(db: Db, operationId: string, first: number, last: number) {
  const batches = await db.deliveryBatch.findMany({
    where: { operationId, firstOrdinal: overlapping(first, last), lastOrdinal: { gte: first } },
    select: { provider: true, lines: true },
  });
  return batches.flatMap(({ provider, lines }) =>
    decodeLines(lines).map(({ ordinal, token }) => waitingLine(ordinal, provider, token)),
  );
}

function waitingLine(ordinal: number, provider: Provider, token: string): StoredNotification {
  const untouched = { attempts: 0, errorCode: null, errorDetail: null, updatedAt: null };
  return { ordinal, provider, token, status: "QUEUED", ...untouched };
}
