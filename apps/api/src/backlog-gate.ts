import { type Db, findBacklog } from "@fanfare/db";
import { AppError } from "@fanfare/domain";

/** Refuses sends while too much waits already. */
export interface BacklogGate {
  /**
   * Lets a send to so many recipients through, and counts it from now on.
   *
   * @throws AppError 503 when the installation's backlog is full, 429 when the account's is.
   */
  enter(accountId: string, recipients: number): Promise<void>;
}

/** What a gate is made of. */
export interface BacklogGateOptions {
  /** Recipients that wait, by account. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** Recipients of all accounts that may wait before no send is taken any more. */
  limit: number;
  /** Recipients of one account that may wait before none of its sends is taken any more. */
  accountLimit: number;
  /** Told when the backlog could not be read: the gate goes on with what it knew. */
  onError(error: unknown): void;
  /** @default performance.now */
  now?: () => number;
}

/** How old what is known of the backlog may be, in milliseconds. */
const INTERVAL_MS = 1_000;

/** A look that takes long is made less often: it may keep the database busy for a twentieth of the time. */
const REST_FACTOR = 20;

/** With knowledge this many times older than it may be, nobody is refused or let through: a fresh look is waited for. */
const STALE_FACTOR = 5;

/** When to come back, in seconds: workers send some thousand a second. */
const RETRY_AFTER_SECONDS = 10;

/** The gate on a database's backlog. */
export const createBacklogGate = (db: Db, options: Omit<BacklogGateOptions, "read">): BacklogGate =>
  backlogGate({ ...options, read: () => findBacklog(db) });

/**
 * Makes a gate that knows the backlog from one query a second at most, however many sends come, and adds to it what it let
 * through itself since: so its own sends never overshoot a limit by more than one, and those of other processes by what
 * they take in a second. A send that is refused by a later check counts until the next look. @internal
 */
export function backlogGate(options: BacklogGateOptions): BacklogGate {
  const { limit, accountLimit, now = () => performance.now() } = options;
  let known: ReadonlyMap<string, number> = new Map();
  let entered = new Map<string, number>();
  let knownAt = Number.NEGATIVE_INFINITY;
  let intervalMs = INTERVAL_MS;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const beganAt = now();
    const before = entered;
    entered = new Map();
    try {
      known = await options.read();
    } catch (error) {
      // Whoever is let through meanwhile meets the database's trouble itself.
      for (const [account, count] of before) add(entered, account, count);
      options.onError(error);
    }
    knownAt = now();
    intervalMs = Math.max(INTERVAL_MS, (knownAt - beganAt) * REST_FACTOR);
    looking = undefined;
  }

  return {
    async enter(accountId, recipients) {
      const age = now() - knownAt;
      if (age > intervalMs) looking ??= look();
      if (age > intervalMs * STALE_FACTOR) await looking;
      if (sum(known) + sum(entered) >= limit) {
        throw refusal("backlog-full", `${limit} recipients wait to be sent to already; nothing was stored.`);
      }
      if ((known.get(accountId) ?? 0) + (entered.get(accountId) ?? 0) >= accountLimit) {
        const detail = `${accountLimit} recipients of this account wait to be sent to already; nothing was stored.`;
        throw refusal("account-backlog-full", detail);
      }
      add(entered, accountId, recipients);
    },
  };
}

const refusal = (code: "backlog-full" | "account-backlog-full", detail: string) =>
  new AppError(code, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
