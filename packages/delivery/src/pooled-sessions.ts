import type { PushReply, PushRequest, PushSession, Settle } from "./push-session.js";

/**
 * A session that answered nothing between two refusals so far apart, in milliseconds, is replaced: it may be on its way out
 * without saying so. A peer that refuses only what is too much answers the rest.
 */
const REFUSING_MS = 1_000;

/** A peer that closes a session sooner, though nothing was asked of it, does not want it, in milliseconds. */
const UNUSED_MS = 10_000;

/** How the sessions of a pool are used. */
export interface PooledSessionsOptions {
  /** A session beyond one that is unused for so long is closed, in milliseconds. */
  idleCloseMs: number;
  /** Whether a session is of no use after a reply. */
  retireAfter: (reply: PushReply) => boolean;
  /** A session has its first answer, or ends after answers. */
  onServed: () => void;
  /** A session ends without any answer that was of use; not one that lived for long and was asked nothing. */
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
  /** Closes those that have nothing to do: they take no request though some wait, and others may. */
  closeUnused(): void;
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
          if (use.hasServed) onServed();
          else if (!use.wasIdle()) onEndedUnanswered();
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
    closeUnused() {
      for (const session of uses.keys()) if (session.state === "open" && session.pending === 0) void session.close();
    },
    async close() {
      await Promise.all([...uses.keys()].map((session) => session.close()));
    },
  };
}

/** What a pool remembers of a session. Times are by `performance.now()`, in milliseconds. */
class SessionUse implements PooledSession {
  usedAt: number;
  /** Whether it brought an answer that was of use. */
  hasServed = false;
  /** Whether its end has been noticed. */
  isOver = false;
  private readonly openedAt = performance.now();
  /** When its last answer came. */
  private answeredAt = 0;
  /** The first refusal since its last answer. */
  private refusedSince: number | undefined;
  private readonly session: PushSession;
  private readonly options: Pick<PooledSessionsOptions, "retireAfter" | "onServed">;

  constructor(session: PushSession, options: Pick<PooledSessionsOptions, "retireAfter" | "onServed">) {
    this.session = session;
    this.options = options;
    this.usedAt = this.openedAt;
  }

  /** Whether it lived for long and was asked nothing: that the peer closes it is no failure. */
  wasIdle(): boolean {
    return this.usedAt === this.openedAt && performance.now() - this.openedAt > UNUSED_MS;
  }

  send(request: PushRequest, settle: Settle, now: number): void {
    this.usedAt = now;
    this.session.send(request, (reply) => {
      const isOfUse = !this.options.retireAfter(reply);
      if (reply.kind === "answered") this.noteAnswer(isOfUse);
      if (this.session.state === "open" && (!isOfUse || this.refusesOnly(reply) || this.isSilent(reply, now))) {
        void this.session.close();
      }
      settle(reply);
    });
  }

  private noteAnswer(isOfUse: boolean): void {
    this.refusedSince = undefined;
    this.answeredAt = performance.now();
    if (this.hasServed || !isOfUse) return;
    this.hasServed = true;
    // What an older session answers says nothing of those that fail beside it.
    this.options.onServed();
  }

  private refusesOnly(reply: PushReply): boolean {
    if (reply.kind !== "not-processed" || reply.code !== "REFUSED_STREAM") return false;
    const now = performance.now();
    this.refusedSince ??= now;
    return now - this.refusedSince > REFUSING_MS;
  }

  /** Whether nothing at all was answered for as long as a request may take, since this one was sent. */
  private isSilent(reply: PushReply, sentAt: number): boolean {
    return reply.kind === "unknown" && reply.code === "TIMEOUT" && this.answeredAt < sentAt;
  }
}
