import type { RunningStack } from "../support/run-stack.js";
import { tokensOf } from "../support/sends-in-flight.js";
import type { Kill } from "./kill-again-and-again.js";
import { NAME } from "./send-steadily.js";

/** What the provider received, against what is on record. */
export interface Book {
  /** Tokens that the provider accepted a push for. */
  reached: number;
  /** Those that it was called for more than once. */
  twice: number;
  /** Those of them of which no attempt says that it may repeat an earlier one. */
  unannounced: string[];
  /** Those that it was called for more often than there are attempts. */
  unrecorded: string[];
  /** Of each kill, how many attempts came to no answer then. */
  interrupted: number[];
}

/** Holds the two against each other. */
export async function bookOf(stack: RunningStack, kills: Kill[]): Promise<Book> {
  const tokens = await tokensOf(stack, NAME);
  const rows = await stack.db.$queryRaw<{ token: string; attempts: number; announced: boolean }[]>`
    select n.token, count(*)::int as attempts, bool_or(a.may_repeat) as announced
    from notifications n join attempts a using (operation_id, ordinal) group by n.token`;
  const recorded = new Map(rows.map((row) => [row.token, row]));
  const twice = tokens.filter(({ calls }) => calls > 1);
  const names = (found: { token: string }[]) => found.map(({ token }) => token);
  return {
    reached: tokens.filter(({ accepted }) => accepted > 0).length,
    twice: twice.length,
    unannounced: names(twice.filter(({ token }) => !recorded.get(token)?.announced)),
    unrecorded: names(tokens.filter(({ token, calls }) => calls > (recorded.get(token)?.attempts ?? 0))),
    interrupted: await Promise.all(kills.map(({ at }) => interruptedAt(stack, at))),
  };
}

/** What was on its way then, and came to no answer: however late the worker heard of it, the one that died can not have given one. */
async function interruptedAt(stack: RunningStack, at: Date): Promise<number> {
  const [found] = await stack.db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from attempts where outcome = 'UNKNOWN' and started_at <= ${at}
      and started_at + make_interval(secs => latency_ms / 1000.0) >= ${at}`;
  return found?.count ?? 0;
}
