import type { PushReply, PushRequest, PushSession, Settle } from "./push-session.js";

/**
 * A session that answered nothing between two refusals so far apart, in milliseconds, is replaced: it may be on its way out
 * without saying so. A peer that refuses only what is too much answers the rest.
 */
const REFUSING_MS = 1_000;

/** How the sessions of a pool are used. */
export interface PooledSessionsOptions {
  /** A session beyond one that is unused for so long is closed, in milliseconds. */
  idleCloseMs: number;
  /** Whether a session is of no use after a reply. */
  retireAfter: (reply: PushReply) => boolean;
  /** A session has its first answer, or ends after answers. */
  onServed: () => void;
  /** A session ends without any answer, and not because nothing was asked of it. */
  onEndedUnanswered: () => void;
}

/** The sessions of a pool: hands out their streams. */
export interface PooledSessions {
  /** Those that are not gone yet. */
  readonly size: number;
  /** Those that take requests. */
  readonly open: number;
  /** Requests that wait for their reply. */
  readonly pending: number;
  add(session: PushSession): void;
  /** The one with the most free streams, if any has one. */
  freest(): PooledSession | undefined;
  /** Looks at what became of each; to be called when one says that it changed. */
  review(): void;
  /** Closes those that nothing needs. */
  closeIdle(now: number): void;
  close(): Promise<void>;
}

/** One of them. */
export interface PooledSession {
  send(request: PushRequest, settle: Settle, now: number): void;
}

/** Makes an empty set of sessions. */
export function createPooledSessions(options: PooledSessionsOptions): PooledSessions {
  const { idleCloseMs, onServed, onEndedUnanswered } = options;
  const uses = new Map<PushSession, SessionUse>();
  const countOpen = () => {
    let open = 0;
    for (const { state } of uses.keys()) if (state === "open") open++;
    return open;
  };

  return {
    get size() {
      return uses.size;
    },
    get open() {
      return countOpen();
    },
    get pending() {
      let pending = 0;
      for (const session of uses.keys()) pending += session.pending;
      return pending;
    },
    add: (session) => void uses.set(session, new SessionUse(session, options)),
    freest() {
      let best: SessionUse | undefined;
      let bestFree = 0;
      for (const [{ freeStreams }, use] of uses) {
        if (freeStreams > bestFree) [best, bestFree] = [use, freeStreams];
      }
      return best;
    },
    review() {
      for (const [session, use] of uses) {
        if (session.state !== "open" && !use.isOver) {
          use.isOver = true;
          if (use.hasAnswered) onServed();
          else onEndedUnanswered();
        }
        if (session.state === "closed") uses.delete(session);
      }
    },
    closeIdle(now) {
      let left = countOpen();
      for (const [session, use] of uses) {
        if (left <= 1) return;
        if (session.state !== "open" || session.pending > 0 || now - use.usedAt <= idleCloseMs) continue;
        left--;
        // That it was not needed is no failure.
        use.isOver = true;
        void session.close();
      }
    },
    async close() {
      await Promise.all([...uses.keys()].map((session) => session.close()));
    },
  };
}

/** What a pool remembers of a session. */
class SessionUse implements PooledSession {
  usedAt = performance.now();
  hasAnswered = false;
  /** Whether its end has been noticed. */
  isOver = false;
  /** The first refusal since its last answer. */
  private refusedSince: number | undefined;
  private readonly session: PushSession;
  private readonly options: Pick<PooledSessionsOptions, "retireAfter" | "onServed">;

  constructor(session: PushSession, options: Pick<PooledSessionsOptions, "retireAfter" | "onServed">) {
    this.session = session;
    this.options = options;
  }

  send(request: PushRequest, settle: Settle, now: number): void {
    this.usedAt = now;
    this.session.send(request, (reply) => {
      if (reply.kind === "answered") this.noteAnswer();
      if (this.session.state === "open" && (this.options.retireAfter(reply) || this.refusesOnly(reply))) {
        void this.session.close();
      }
      settle(reply);
    });
  }

  private noteAnswer(): void {
    this.refusedSince = undefined;
    if (this.hasAnswered) return;
    this.hasAnswered = true;
    // What an older session answers says nothing of those that fail beside it.
    this.options.onServed();
  }

  private refusesOnly(reply: PushReply): boolean {
    if (reply.kind !== "not-processed" || reply.code !== "REFUSED_STREAM") return false;
    const now = performance.now();
    this.refusedSince ??= now;
    return now - this.refusedSince > REFUSING_MS;
  }
}
