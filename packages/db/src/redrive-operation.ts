import { type DeliveryLine, encodeLines, laneOf, mintRowId, type Provider, type Rendered } from "@fanfare/domain";
import type { Db, Tx } from "./connect.js";
import type { Prisma } from "./generated/prisma/client.js";
import { type OperationSender, SENDER_FIELDS, senderOf } from "./operation-senders.js";

/** What became of a request to send failed notifications after all. */
export type RedriveResult =
  | { kind: "redriven"; accountId: string; notifications: number }
  /** It is canceled, its TTL is over, or it is not there. */
  | { kind: "canceled" | "expired" | "not-found" };

/** Notifications that one transaction puts back at most: as many as a delivery batch has lines. */
const STEP = 500;

/** Failures after which it is not known whether a provider was called. */
const MAY_HAVE_BEEN_SENT = ["WORKER_CRASHED", "RECORD_REFUSED", "OUTCOME_UNKNOWN"];

/** An operation that is redriven; `ahead` is what its account had waiting before it. */
type Operation = Pick<Prisma.OperationGetPayload<object>, "id" | "ahead"> & Pick<OperationSender, "credentials">;

interface FailedRow {
  ordinal: number;
  provider: Provider | null;
  token: string | null;
  rendered: Rendered | null;
  policy: string | null;
  errorCode: string;
}

/**
 * Puts the notifications of an operation that failed with one of the codes back to be sent: they are QUEUED again, and an
 * operation that was COMPLETED is PROCESSING until they have come to their end. In steps, each in one transaction with the
 * counters that it moves: one that is cut short is made again for the rest.
 */
export async function redriveOperation(db: Db, id: string, codes: readonly string[]): Promise<RedriveResult> {
  const row = await db.operation.findUnique({
    where: { id },
    select: {
      id: true,
      accountId: true,
      cancelRequestedAt: true,
      status: true,
      expiresAt: true,
      ahead: true,
      ...SENDER_FIELDS,
    },
  });
  if (!row) return { kind: "not-found" };
  if (row.cancelRequestedAt !== null || row.status === "CANCELED") return { kind: "canceled" };
  if (row.expiresAt <= new Date()) return { kind: "expired" };
  const operation = { id, ahead: row.ahead, credentials: senderOf(row).credentials };
  let notifications = 0;
  for (;;) {
    const moved = await db.$transaction((tx) => redriveSome(tx, operation, codes), { timeout: 30_000 });
    notifications += moved;
    if (moved < STEP) return { kind: "redriven", accountId: row.accountId, notifications };
  }
}

async function redriveSome(tx: Tx, operation: Operation, codes: readonly string[]): Promise<number> {
  const { id } = operation;
  const failed = await tx.$queryRaw<FailedRow[]>`
    select ordinal, provider, token, rendered, policy::text, error_code as "errorCode" from notifications
    where operation_id = ${id}::uuid and status = 'FAILED' and error_code = any(${[...codes]})
    order by ordinal limit ${STEP} for update`;
  if (failed.length === 0) return 0;
  const restored = await restoreSetAside(tx, id, failed);
  const left = failed.filter(({ ordinal }) => !restored.has(ordinal));
  await tx.$executeRaw`
    update notifications set status = 'QUEUED', error_code = null, error_detail = null, next_attempt_at = null,
      updated_at = now()
    where operation_id = ${id}::uuid and ordinal = any(${left.map(({ ordinal }) => ordinal)})`;
  await insertBatches(tx, operation, left.filter(isSingle).map(toGroupedLine), false);
  await insertBatches(tx, operation, await reopenAddresses(tx, id, left, codes), true);
  const counted = await tx.$executeRaw`
    update operations set queued = queued + ${failed.length}, failed = failed - ${failed.length}, status = 'PROCESSING',
      completed_at = null, updated_at = now()
    where id = ${id}::uuid and cancel_requested_at is null and status in ('PROCESSING', 'COMPLETED')`;
  if (counted !== 1) throw new Error("The operation was canceled meanwhile; nothing more is put back.");
  return failed.length;
}

/** Those that no worker could fan out: they are recipients again, and are fanned out anew. */
async function restoreSetAside(tx: Tx, id: string, failed: readonly FailedRow[]): Promise<Set<number>> {
  const rows = await tx.$queryRaw<{ ordinal: number }[]>`
    with restored as (
      update recipient_batches set canceled = false, set_aside = false, enqueue_at = now()
      where operation_id = ${id}::uuid and set_aside and first_ordinal = any(${failed.map(({ ordinal }) => ordinal)})
      returning first_ordinal
    )
    delete from notifications n using restored
    where n.operation_id = ${id}::uuid and n.ordinal = restored.first_ordinal
    returning n.ordinal`;
  return new Set(rows.map(({ ordinal }) => ordinal));
}

type SingleRow = FailedRow & { provider: Provider; token: string };

const isSingle = (row: FailedRow): row is SingleRow => row.provider !== null && row.token !== null;

/** A line, and what decides which batch it comes into. */
interface GroupedLine {
  line: DeliveryLine;
  provider: Provider;
  mayRepeat: boolean;
}

function toGroupedLine({ ordinal, token, rendered, provider, errorCode }: SingleRow): GroupedLine {
  const line = { ordinal, token, rendered: rendered ?? undefined };
  return { line, provider, mayRepeat: MAY_HAVE_BEEN_SENT.includes(errorCode) };
}

/** Of notifications with several addresses, those are tried again that failed so; fallbacks that were given up stay so. */
async function reopenAddresses(
  tx: Tx,
  id: string,
  rows: readonly FailedRow[],
  codes: readonly string[],
): Promise<GroupedLine[]> {
  const several = new Map(rows.filter(({ policy }) => policy !== null).map((row) => [row.ordinal, row]));
  if (several.size === 0) return [];
  const where = { operationId: id, ordinal: { in: [...several.keys()] } };
  const addresses = await tx.notificationAddress.findMany({
    where: { ...where, status: "FAILED", errorCode: { in: [...codes] } },
    orderBy: [{ ordinal: "asc" }, { position: "asc" }],
  });
  for (const { ordinal, position } of addresses) {
    await tx.notificationAddress.update({
      where: { operationId_ordinal_position: { operationId: id, ordinal, position } },
      data: { status: "QUEUED", errorCode: null, errorDetail: null, nextAttemptAt: null },
    });
  }
  return addresses.map(({ ordinal, position, token, provider, errorCode }) => ({
    line: { ordinal, position, token, rendered: several.get(ordinal)?.rendered ?? undefined },
    provider,
    mayRepeat: MAY_HAVE_BEEN_SENT.includes(errorCode ?? ""),
  }));
}

async function insertBatches(tx: Tx, operation: Operation, all: GroupedLine[], addressed: boolean): Promise<void> {
  const groups = new Map<string, Omit<GroupedLine, "line"> & { lines: DeliveryLine[] }>();
  for (const { line, provider, mayRepeat } of all) {
    const key = `${provider} ${mayRepeat}`;
    const group = groups.get(key) ?? { provider, mayRepeat, lines: [] };
    group.lines.push(line);
    groups.set(key, group);
  }
  const now = new Date();
  await tx.deliveryBatch.createMany({
    data: [...groups.values()].map(({ provider, mayRepeat, lines }) => ({
      ...{ id: mintRowId(), operationId: operation.id, addressed, provider },
      credentialId: operation.credentials[provider],
      ...{ firstOrdinal: lines[0]?.ordinal ?? 0, lastOrdinal: lines.at(-1)?.ordinal ?? 0 },
      ...{ recipients: lines.length, openLines: lines.length, recordedLines: addressed ? 0 : lines.length },
      ...{ lines: Buffer.from(encodeLines(lines)), takenOver: mayRepeat },
      ...{ visibleAt: now, enqueueAt: now, lane: laneOf(operation.ahead + (lines[0]?.ordinal ?? 1)) },
    })),
  });
}
