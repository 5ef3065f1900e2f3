import { decodeLines, decodeRecipients, type NotificationStatus, type Provider, type Rendered } from "@fanfare/domain";
import { RECIPIENT_BATCH_SIZE } from "./accept-operation.js";
import type { Db } from "./connect.js";

/** A notification as stored: a row, or, before its first outcome, a line of a batch. */
export interface StoredNotification {
  ordinal: number;
  status: NotificationStatus;
  attempts: number;
  /** Where it goes; empty for a user whose devices are not looked up yet. */
  addresses: { provider: Provider; token: string }[];
  userId: string | null;
  rendered: Rendered | null;
  /** Of one that waits without an error of its own: why its batch could not be sent so far. */
  errorCode: string | null;
  errorDetail: string | null;
  /** Null while it has no row: nothing has happened to it since its operation was accepted. */
  updatedAt: Date | null;
}

/** The row of a notification. */
export interface NotificationRow extends StoredNotification {
  /** When it is tried again; null: at once, or never. */
  nextAttemptAt: Date | null;
}

/** The ordinals of a page. */
export interface OrdinalRange {
  first: number;
  last: number;
}

/**
 * The notifications of an operation whose ordinals are in `[first, last]`, in order. Costs the same wherever in an
 * operation of whatever size the page lies. Recipients that were found unaddressable have none.
 *
 * Lines only ever move from a recipient batch to a delivery batch to a row, and this reads in that order: a line that
 * moves meanwhile is seen twice, never not at all, and the later reading wins.
 */
export async function listNotifications(
  db: Db,
  operationId: string,
  { first, last }: OrdinalRange,
): Promise<StoredNotification[]> {
  const operation = await db.operation.findUnique({ where: { id: operationId }, select: { status: true } });
  const waitingStatus = operation?.status === "SCHEDULED" ? "SCHEDULED" : "QUEUED";
  const found = new Map<number, StoredNotification>();
  const inBatches = await readRecipientLines(db, operationId, first, last, waitingStatus);
  const { lines, reasons } = await readLines(db, operationId, first, last);
  for (const line of [...inBatches, ...lines]) {
    if (line.ordinal >= first && line.ordinal <= last) found.set(line.ordinal, line);
  }
  for (const row of await readNotificationRows(db, operationId, { first, last })) {
    found.set(row.ordinal, { ...row, ...reasonOf(row, reasons) });
  }
  return [...found.values()].sort((a, b) => a.ordinal - b.ordinal);
}

/** The rows among an operation's notifications, with their addresses. */
export async function readNotificationRows(
  db: Db,
  operationId: string,
  { first, last }: OrdinalRange,
): Promise<NotificationRow[]> {
  const rows = await db.notification.findMany({
    where: { operationId, ordinal: { gte: first, lte: last } },
    omit: { operationId: true },
  });
  const several = rows.filter(({ policy }) => policy !== null).map(({ ordinal }) => ordinal);
  const addresses =
    several.length === 0
      ? []
      : await db.notificationAddress.findMany({
          where: { operationId, ordinal: { in: several } },
          select: { ordinal: true, provider: true, token: true },
          orderBy: [{ ordinal: "asc" }, { position: "asc" }],
        });
  return rows.map(({ provider, token, policy, rendered, ...row }) => ({
    ...row,
    rendered: rendered as Rendered | null,
    addresses:
      provider !== null && token !== null
        ? [{ provider, token }]
        : addresses
            .filter(({ ordinal }) => ordinal === row.ordinal)
            .map((found) => ({ provider: found.provider, token: found.token })),
  }));
}

// No batch spans more ordinals than a recipient batch has, so only those that begin in this range can overlap the page.
const overlapping = (first: number, last: number) => ({ gt: first - RECIPIENT_BATCH_SIZE, lte: last });

async function readRecipientLines(
  db: Db,
  operationId: string,
  first: number,
  last: number,
  waitingStatus: "SCHEDULED" | "QUEUED",
): Promise<StoredNotification[]> {
  const batches = await db.recipientBatch.findMany({
    where: { operationId, firstOrdinal: overlapping(first, last) },
    select: { firstOrdinal: true, content: true, canceled: true },
  });
  return batches.flatMap(({ firstOrdinal, content, canceled }) =>
    decodeRecipients(content).map((recipient, index) => {
      const status = canceled ? "CANCELED" : waitingStatus;
      const line = { ...untouched, ordinal: firstOrdinal + index, status } as const;
      if ("userId" in recipient) return { ...line, userId: recipient.userId, addresses: [] };
      if ("addresses" in recipient) return { ...line, addresses: recipient.addresses };
      return { ...line, addresses: [{ provider: recipient.provider, token: recipient.token }] };
    }),
  );
}

type Reasons = ReadonlyMap<number, Pick<StoredNotification, "errorCode" | "errorDetail">>;

// What waits for its own retry says why; what is due and was not tried waits with the others of its batch.
function reasonOf({ ordinal, status, errorCode, nextAttemptAt }: NotificationRow, reasons: Reasons) {
  const isDue = nextAttemptAt === null || nextAttemptAt.getTime() <= Date.now();
  return status === "QUEUED" && (errorCode === null || isDue) ? reasons.get(ordinal) : undefined;
}

/** Lines of delivery batches that may have no row, and by ordinal why those of batches that could not be sent wait. */
async function readLines(
  db: Db,
  operationId: string,
  first: number,
  last: number,
): Promise<{ lines: StoredNotification[]; reasons: Reasons }> {
  const batches = await db.deliveryBatch.findMany({
    where: {
      operationId,
      // Lines of recipients with several addresses have rows.
      OR: [{ addressed: false }, { waitCode: { not: null }, canceled: false }],
      firstOrdinal: overlapping(first, last),
      lastOrdinal: { gte: first },
    },
    select: { provider: true, lines: true, canceled: true, addressed: true, waitCode: true, waitDetail: true },
  });
  const reasons = new Map<number, { errorCode: string; errorDetail: string | null }>();
  const lines = batches.flatMap(({ provider, lines: encoded, canceled, addressed, waitCode, waitDetail }) => {
    const waits = waitCode !== null && !canceled && { errorCode: waitCode, errorDetail: waitDetail };
    const decoded = decodeLines(encoded);
    if (waits) for (const { ordinal } of decoded) reasons.set(ordinal, waits);
    if (addressed) return [];
    return decoded.map(({ ordinal, token, rendered }) => ({
      ...untouched,
      ...{ ordinal, status: canceled ? ("CANCELED" as const) : ("QUEUED" as const), rendered: rendered ?? null },
      ...waits,
      addresses: [{ provider, token }],
    }));
  });
  return { lines, reasons };
}

const untouched = { attempts: 0, errorCode: null, errorDetail: null, updatedAt: null, userId: null, rendered: null };
