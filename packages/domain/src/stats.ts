import { z } from "zod";
import type { NotificationStatus } from "./notification.js";
import { mayMove } from "./notification-state.js";

const count = (description: string) => z.int().min(0).meta({ description });
const inStatus = (status: NotificationStatus) => count(`Notifications that are \`${status}\` now.`);

/** An operation's counters, in the order in which the API shows them. */
export const statsSchema = z
  .object({
    total: count("Notifications of the operation: `recipients` − `unaddressable`."),
    recipients: count("Recipients of the request, those with the same address counted once."),
    attempts: count("Provider calls made, retries included."),
    unaddressable: count(
      "Recipients without any usable address, such as a user without devices: they have no notification and no attempt.",
    ),
    scheduled: inStatus("SCHEDULED"),
    queued: inStatus("QUEUED"),
    sent: inStatus("SENT"),
    delivered: inStatus("DELIVERED"),
    read: inStatus("READ"),
    undelivered: inStatus("UNDELIVERED"),
    failed: inStatus("FAILED"),
    canceled: inStatus("CANCELED"),
  })
  .meta({
    description:
      "How many recipients are where. Each notification is counted in exactly one status, so that at every moment `total` is the sum of the eight, and `recipients` is `total` + `unaddressable`.",
    examples: [
      {
        ...{ total: 3, recipients: 3, attempts: 3, unaddressable: 0, scheduled: 0, queued: 0, sent: 2 },
        ...{ delivered: 0, read: 0, undelivered: 1, failed: 0, canceled: 0 },
      },
    ],
  });
/** See {@link statsSchema}. */
export type Stats = z.infer<typeof statsSchema>;

/** The counter that holds the notifications of a status. */
export const STATUS_COUNTERS = {
  SCHEDULED: "scheduled",
  QUEUED: "queued",
  SENT: "sent",
  DELIVERED: "delivered",
  READ: "read",
  UNDELIVERED: "undelivered",
  FAILED: "failed",
  CANCELED: "canceled",
} as const satisfies Record<NotificationStatus, keyof Stats>;

/** Something that moves an operation's counters. */
export type StatsEvent =
  | { kind: "attempted" }
  | { kind: "moved"; from: NotificationStatus; to: NotificationStatus }
  | { kind: "found-unaddressable"; from: "SCHEDULED" | "QUEUED" };

/** The counters of an operation that was just accepted. A recipient not yet fanned out counts as queued. */
export function initialStats(recipients: number, status: "SCHEDULED" | "QUEUED" = "QUEUED"): Stats {
  const zero = statsSchema.keyof().options.map((name) => [name, 0] as const);
  return {
    ...(Object.fromEntries(zero) as Stats),
    total: recipients,
    recipients,
    [STATUS_COUNTERS[status]]: recipients,
  };
}

/**
 * The counters after an event. The database's statements move the same counters by the same rules; a test replays
 * one against the other.
 *
 * @throws Error when the state machine knows no such move, or a counter would fall below zero.
 */
export function applyToStats(stats: Stats, event: StatsEvent): Stats {
  switch (event.kind) {
    case "attempted":
      return { ...stats, attempts: stats.attempts + 1 };
    case "moved": {
      if (!mayMove(event.from, event.to)) throw new Error(`No notification moves from ${event.from} to ${event.to}.`);
      const without = take(stats, event.from);
      const counter = STATUS_COUNTERS[event.to];
      return { ...without, [counter]: without[counter] + 1 };
    }
    case "found-unaddressable": {
      const without = take(stats, event.from);
      return { ...without, total: without.total - 1, unaddressable: without.unaddressable + 1 };
    }
  }
}

function take(stats: Stats, status: NotificationStatus): Stats {
  const counter = STATUS_COUNTERS[status];
  if (stats[counter] === 0) throw new Error(`Counter ${counter} would fall below zero.`);
  return { ...stats, [counter]: stats[counter] - 1 };
}

/** What a recount of the rows found. */
export interface RowCounts {
  recipients: number;
  unaddressable: number;
  attempts: number;
  /** Rows by their status. */
  rows: Partial<Record<NotificationStatus, number>>;
  /** Recipients that have no row yet: lines of recipient batches and of delivery batches. */
  withoutRow: number;
}

/** The counters as the rows have them: what an operation's own counters must equal at every moment. */
export function recountStats(counts: RowCounts, waitingStatus: "SCHEDULED" | "QUEUED" = "QUEUED"): Stats {
  const stats = { ...initialStats(0), recipients: counts.recipients, unaddressable: counts.unaddressable };
  stats.attempts = counts.attempts;
  for (const [status, rows] of Object.entries(counts.rows) as [NotificationStatus, number][]) {
    stats[STATUS_COUNTERS[status]] += rows;
    stats.total += rows;
  }
  stats[STATUS_COUNTERS[waitingStatus]] += counts.withoutRow;
  stats.total += counts.withoutRow;
  return stats;
}

/** The first of the two identities that the counters break, in words; `undefined` when both hold. */
export function brokenIdentity(stats: Stats): string | undefined {
  const sum = Object.values(STATUS_COUNTERS).reduce((total, counter) => total + stats[counter], 0);
  if (stats.total !== sum) return `total is ${stats.total}, but the statuses add up to ${sum}`;
  if (stats.recipients !== stats.total + stats.unaddressable) {
    return `recipients is ${stats.recipients}, but total + unaddressable is ${stats.total + stats.unaddressable}`;
  }
  return undefined;
}
