import { type AuditAction, firstUuidAt, mintRowId, timeOfUuid } from "@fanfare/domain";
import type { Db, Tx } from "./connect.js";
import type { AuditEvent, Prisma } from "./generated/prisma/client.js";
import { type IdPage, olderThan } from "./id-page.js";

/** An audit event as stored. */
export type StoredAuditEvent = AuditEvent;

/** Something that was done to accounts, keys, apps or credentials. */
export interface NewAuditEvent {
  /** Whose it is; null when it is the whole installation's. */
  accountId: string | null;
  actor: string;
  action: AuditAction;
  target: string;
  /** Address that the request came from; null when there was none. */
  address: string | null;
}

/** Adds to the audit log; in the transaction of what it tells of, so that neither is there without the other. */
export async function recordAuditEvent(tx: Tx, event: NewAuditEvent): Promise<void> {
  const id = mintRowId();
  await tx.auditEvent.create({ data: { id, createdAt: timeOfUuid(id), ...event } });
}

/** Which audit events are listed. */
export interface AuditFilter {
  /** Of one account; absent: of all, and of the installation itself. */
  accountId?: string | undefined;
  action?: AuditAction | undefined;
  actor?: string | undefined;
  target?: string | undefined;
  /** From this time on. */
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
}

/** Audit events, newest first. */
export async function listAuditEvents(
  db: Db,
  { createdAfter, createdBefore, ...filter }: AuditFilter,
  { before, limit }: IdPage,
): Promise<StoredAuditEvent[]> {
  const equal = Object.entries(filter).filter(([, value]) => value !== undefined);
  const within: Prisma.AuditEventWhereInput[] = [Object.fromEntries(equal), olderThan(before)];
  if (createdAfter) within.push({ id: { gte: firstUuidAt(createdAfter) } });
  if (createdBefore) within.push(olderThan(firstUuidAt(createdBefore)));
  return db.auditEvent.findMany({ where: { AND: within }, orderBy: { id: "desc" }, take: limit });
}
