import { setTimeout as sleep } from "node:timers/promises";
import { type Db, recountOperation } from "@fanfare/db";
import { parseId } from "@fanfare/domain";
import type { Random } from "./random.js";
import type { AcceptedSend } from "./senders.js";
import { contradiction, type SeenOperation } from "./stats-watch.js";

/** What the watchers of a run saw. */
export interface WatchersLog {
  polls: number;
  recounts: number;
  /** What must not be, in words. */
  problems: string[];
}

/** Watches the operations that are known so far until it is stopped. */
export interface Watchers {
  watch(accepted: AcceptedSend): void;
  stop(): Promise<WatchersLog>;
}

const POLLERS = 2;
const POLL_PAUSE_MS = 15;
const RECOUNT_PAUSE_MS = 100;

/** How long an answer is waited for, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Starts pollers, which hold each answer of the API against the identities of the stats and against what they saw before,
 * and a recounter, which holds an operation's counters against its rows, as the same snapshot of the database has them.
 */
export function startWatchers(
  { url, authorization, db }: { url: string; authorization: string; db: Db },
  random: Random,
): Watchers {
  const known: AcceptedSend[] = [];
  const log: WatchersLog = { polls: 0, recounts: 0, problems: [] };
  let stopped = false;

  async function poll(seen: Map<string, SeenOperation>): Promise<void> {
    const { operationId, send } = random.pick(known);
    const res = await fetch(`${url}/v1/PushNotifications/Operations/${operationId}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (res.status === 404) log.problems.push(`send ${send.number} had a 202, and ${operationId} is not found`);
    if (!res.ok) return void (await res.body?.cancel());
    const now = (await res.json()) as SeenOperation;
    const problem = contradiction(seen.get(operationId), now);
    seen.set(operationId, now);
    log.polls++;
    if (problem) log.problems.push(`send ${send.number} (${operationId}), at a poll: ${problem}`);
  }

  async function recount(): Promise<void> {
    const { operationId, send } = random.pick(known);
    const { counters, rows } = await recountOperation(db, parseId("operation", operationId) as string);
    log.recounts++;
    if (JSON.stringify(counters) === JSON.stringify(rows)) return;
    log.problems.push(
      `send ${send.number} (${operationId}) counts ${JSON.stringify(counters)}, its rows are ${JSON.stringify(rows)}`,
    );
  }

  async function repeat(work: () => Promise<void>, pauseMs: number): Promise<void> {
    while (!stopped) {
      // While the API or the database is away there is nothing to see.
      if (known.length > 0) await work().catch(() => undefined);
      await sleep(pauseMs);
    }
  }

  const loops = [
    ...Array.from({ length: POLLERS }, () => {
      const seen = new Map<string, SeenOperation>();
      return repeat(() => poll(seen), POLL_PAUSE_MS);
    }),
    repeat(recount, RECOUNT_PAUSE_MS),
  ];
  return {
    watch: (accepted) => void known.push(accepted),
    async stop() {
      stopped = true;
      await Promise.all(loops);
      return log;
    },
  };
}
