import { type Db, recountOperation } from "@fanfare/db";
import { brokenIdentity, parseId, type Stats } from "@fanfare/domain";
import { checkRecipient, type Finding, type RecordedAttempt } from "./check-recipient.js";
import type { AcceptedSend } from "./senders.js";
import type { TokenCounts } from "./simulator-control.js";

/** What the oracle knows besides the database. */
export interface Evidence {
  /** The 202s that clients hold. */
  accepted: readonly AcceptedSend[];
  /** What the simulator received. */
  tokens: ReadonlyMap<string, TokenCounts>;
  /** How often something happened after which a lease may be lost. */
  interruptions: number;
}

/** What the oracle found. */
export interface OracleReport {
  /** Recipients of accepted operations. */
  recipients: number;
  /** Those of them that have a terminal status, or no usable address. */
  terminal: number;
  attempts: number;
  explainedDuplicates: number;
  /** What must not be. */
  findings: Finding[];
}

/** Holds what is on record against the 202s that clients saw and against what the simulator received. */
export async function askOracle(db: Db, evidence: Evidence): Promise<OracleReport> {
  const report: OracleReport = { recipients: 0, terminal: 0, attempts: 0, explainedDuplicates: 0, findings: [] };
  for (const accepted of evidence.accepted) await checkOperation(db, accepted, evidence, report);
  await checkRest(db, evidence, report);
  return report;
}

async function checkOperation(
  db: Db,
  { send, operationId }: AcceptedSend,
  evidence: Evidence,
  report: OracleReport,
): Promise<void> {
  const id = parseId("operation", operationId) as string;
  const find = (kind: Finding["kind"], detail: string, recipients = 1) =>
    void report.findings.push({ kind, send: send.number, operationId, detail, recipients });
  report.recipients += send.to.length;
  const recounted = await recountOperation(db, id).catch((error: Error) => error);
  if (recounted instanceof Error) return find("lost", `it can not be read: ${recounted.message}`, send.to.length);
  const { counters, rows } = recounted;
  if (JSON.stringify(counters) !== JSON.stringify(rows)) {
    find("miscounted", `counters ${JSON.stringify(counters)}, rows ${JSON.stringify(rows)}`);
  }
  const broken = brokenIdentity(counters);
  if (broken) find("miscounted", broken);
  if (counters.recipients !== send.to.length) {
    find("miscounted", `${send.to.length} recipients were sent to, ${counters.recipients} are counted`);
  }
  // By the rows: counters may lie.
  const open = rows.queued + rows.scheduled;
  if (open > 0) find("lost", `${open} recipients have no terminal status: ${JSON.stringify(counters)}`, open);
  report.terminal += terminalOf(rows);
  report.attempts += rows.attempts;
  await checkRecipients(db, { send, operationId }, id, evidence, report);
}

const terminalOf = ({ sent, delivered, read, undelivered, failed, canceled, unaddressable }: Stats) =>
  sent + delivered + read + undelivered + failed + canceled + unaddressable;

async function checkRecipients(
  db: Db,
  { send, operationId }: AcceptedSend,
  id: string,
  { tokens, interruptions }: Evidence,
  report: OracleReport,
): Promise<void> {
  const notifications = await db.$queryRaw<{ ordinal: number; status: string; attempts: number }[]>`
    select ordinal, status::text, attempts from notifications where operation_id = ${id}::uuid`;
  const attempts = await db.$queryRaw<(RecordedAttempt & { ordinal: number })[]>`
    select ordinal, number, outcome::text, may_repeat as "mayRepeat", position from attempts
    where operation_id = ${id}::uuid order by ordinal, number`;
  const takenOver = await db.$queryRaw<{ first: number; last: number }[]>`
    select first_ordinal as first, last_ordinal as last from delivery_batches
    where operation_id = ${id}::uuid and taken_over`;
  const notificationOf = new Map(notifications.map((notification) => [notification.ordinal, notification]));
  const attemptsOf = groupByOrdinal(attempts);
  for (const [index, recipient] of send.to.entries()) {
    const ordinal = index + 1;
    const checked = checkRecipient({
      recipient,
      notification: notificationOf.get(ordinal),
      attempts: attemptsOf.get(ordinal) ?? [],
      isCanceled: send.cancelAfterMs !== undefined,
      wasTakenOver: takenOver.some(({ first, last }) => first <= ordinal && ordinal <= last),
      tokens,
      interruptions,
    });
    report.explainedDuplicates += checked.explainedDuplicates;
    for (const { kind, detail } of checked.findings) {
      report.findings.push({
        kind,
        send: send.number,
        operationId,
        detail: `recipient ${ordinal}: ${detail}`,
        recipients: 1,
      });
    }
  }
}

function groupByOrdinal<Row extends { ordinal: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.ordinal);
    if (group) group.push(row);
    else groups.set(row.ordinal, [row]);
  }
  return groups;
}

/** What is there that no 202 accounts for. */
async function checkRest(db: Db, { accepted }: Evidence, report: OracleReport): Promise<void> {
  const known = new Set(accepted.map(({ operationId }) => parseId("operation", operationId)));
  const operations = await db.operation.findMany({ select: { id: true, recipients: true } });
  for (const { id, recipients } of operations) {
    if (known.has(id)) continue;
    report.findings.push({
      kind: "miscounted",
      operationId: id,
      detail: "nobody holds a 202 for it though every request was made until it had one",
      recipients,
    });
  }
  const [left] = await db.$queryRaw<{ batches: number }[]>`
    select (
      (select count(*) from delivery_batches b join operations o on o.id = b.operation_id
        where not b.canceled and o.completed_at is not null)
      + (select count(*) from recipient_batches b join operations o on o.id = b.operation_id
        where not b.canceled and o.completed_at is not null)
    )::int as batches`;
  if (!left || left.batches === 0) return;
  report.findings.push({ kind: "miscounted", detail: `${left.batches} batches of ended operations`, recipients: 0 });
}
