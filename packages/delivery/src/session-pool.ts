import { createConnector } from "./connector.js";
import { createPooledSessions, type PooledSession } from "./pooled-sessions.js";
import type { OpenSession, PushReply, RequestSender, SessionConnectError } from "./push-session.js";
import type { Waiting } from "./waiting-line.js";
import { createWaitingRequests } from "./waiting-requests.js";

/** How a pool of sessions to one origin behaves. */
export interface SessionPoolOptions {
  open: OpenSession;
  /** Sessions that take requests at once, at most; one that ends what it has is not counted. @default 4 */
  maxSessions?: number;
  /**
   * How long a request waits while no session takes any, and how long after its first try it is sent again when it was not
   * processed, in milliseconds. @default 10,000
   */
  maxWaitMs?: number;
  /** A session beyond one that is unused for so long is closed, in milliseconds. @default 3,600,000 */
  idleCloseMs?: number;
  /**
   * Whether a session is of no use after a reply: it takes no more requests, ends those it has, and another one takes its place.
   * @default never
   */
  retireAfter?: (reply: PushReply) => boolean;
  /** Told of each session that could not be opened. */
  onConnectError?: (error: SessionConnectError) => void;
}

/** A pool, and what an operator wants to know of it. */
export interface SessionPool extends RequestSender {
  stats(): { sessions: number; pending: number; waiting: number; lastConnectError: string | undefined };
}

const TICK_MS = 250;

/**
 * Makes a pool: sessions are opened when requests wait for them, one at a time, replaced when the peer drains or drops
 * them, and closed when idle. Its callers bound how many requests wait.
 */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { open, maxSessions = 4, maxWaitMs = 10_000, idleCloseMs = 3_600_000, onConnectError } = options;
  const { retireAfter = () => false } = options;
  const waiting = createWaitingRequests(maxWaitMs);
  const sessions = createPooledSessions({
    ...{ idleCloseMs, retireAfter },
    onServed: () => connector.served(),
    onEndedUnanswered: () => connector.endedUnanswered(),
  });
  const connector = createConnector({
    ...{ open, onConnectError },
    events: { onChange },
    onOpened(session) {
      sessions.add(session);
      // It may have ended before it came here.
      onChange();
    },
    onTried: pump,
  });
  let pumping = false;
  let movedAt = 0;
  let closed = false;

  function onChange(): void {
    sessions.review();
    pump();
  }

  // A loop, not a recursion: a session may settle before `send` returns, and thousands may wait behind it.
  function pump(): void {
    if (pumping) return;
    pumping = true;
    try {
      handOut();
    } finally {
      pumping = false;
    }
    if (waiting.size === 0) return;
    // What a session leaves over at its end comes back before the session itself says that it changed.
    sessions.review();
    if (sessions.open < maxSessions) connector.openOne();
  }

  function handOut(): void {
    while (waiting.size > 0) {
      const session = sessions.freest();
      const entry = session && waiting.next();
      if (!entry) return;
      dispatch(session, entry);
    }
  }

  function dispatch(session: PooledSession, entry: Waiting): void {
    movedAt = performance.now();
    if (!entry.wasSent) {
      entry.wasSent = true;
      entry.since = movedAt;
    }
    const settle = (reply: PushReply) => {
      if (waiting.takeBack(entry, reply)) pump();
      else entry.settle(reply);
    };
    session.send(entry.request, settle, movedAt);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    waiting.dropUnwanted();
    waiting.giveUp(now, movedAt, () =>
      sessions.open > 0 ? "NO_FREE_STREAM" : (connector.lastError() ?? "NO_CONNECTION"),
    );
    sessions.closeIdle(now);
    pump();
  }, TICK_MS);

  return {
    send(request, settle) {
      if (closed) return settle({ kind: "not-processed", code: "CLOSED" });
      waiting.add(request, settle);
      pump();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      connector.close();
      waiting.close("CLOSED");
      await sessions.close();
    },
    stats: () => ({
      sessions: sessions.size,
      pending: sessions.pending,
      waiting: waiting.size,
      lastConnectError: connector.lastError(),
    }),
  };
}
