import { type OperationStatus, type Stats, statsSchema } from "@fanfare/domain";
import { Prisma } from "./generated/prisma/client.js";

/** An operation whose last open notification has come to its end. */
export interface CompletedOperation {
  /** UUID. */
  id: string;
  /** UUID. */
  accountId: string;
  /** `COMPLETED` or `CANCELED`. */
  status: OperationStatus;
  /** As JSON has it. */
  completedAt: string;
  /** From when it was to be sent, which is when it was accepted if it was not put off, until now. */
  secondsSinceDue: number;
  stats: Stats;
}

/** Told of the operations that a statement completed, by whoever's statement moved the last open notification of each. */
export type OnCompleted = (completed: readonly CompletedOperation[]) => void;

const COUNTERS = Prisma.raw(
  statsSchema
    .keyof()
    .options.map((name) => `'${name}', o.${name}`)
    .join(", "),
);

/**
 * A {@link CompletedOperation} of the row `o` that a statement has just moved; null while it has something open. Whoever moves a
 * notification to its end finds the operation open: one that is complete has nothing left to be moved.
 */
export const COMPLETED_OPERATION = Prisma.sql`case when o.completed_at is not null then json_build_object(
  'id', o.id, 'accountId', o.account_id, 'status', o.status, 'completedAt', o.completed_at,
  'secondsSinceDue', greatest(0, round(extract(epoch from o.completed_at - coalesce(o.scheduled_for, o.created_at)), 3)),
  'stats', json_build_object(${COUNTERS})
) end`;

/** Completed operations as an `update … returning` has them, each once. */
export function completedOf(rows: readonly { completed: CompletedOperation | null }[]): CompletedOperation[] {
  const byId = new Map(rows.flatMap(({ completed }) => (completed ? [[completed.id, completed] as const] : [])));
  return [...byId.values()];
}
