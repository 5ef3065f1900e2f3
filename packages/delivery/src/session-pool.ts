import { type Connector, createConnector } from "./connector.js";
import { createPooledSessions, type PooledSession, type PooledSessions } from "./pooled-sessions.js";
import type {
  OpenSession,
  PushReply,
  PushRequest,
  RequestSender,
  SessionConnectError,
  Settle,
} from "./push-session.js";
import type { Waiting } from "./waiting-line.js";
import { createWaitingRequests, type WaitingRequests } from "./waiting-requests.js";

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

/** So many times as many sessions as may take requests may be there, with those that end what they have. */
const SESSIONS_IN_ALL = 4;

/**
 * Makes a pool: sessions are opened when requests wait for them, one at a time, replaced when the peer drains or drops
 * them, and closed when idle. Its callers bound how many requests wait.
 */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  return new Pool(options);
}

class Pool implements SessionPool {
  private readonly maxSessions: number;
  private readonly waiting: WaitingRequests;
  private readonly sessions: PooledSessions;
  private readonly connector: Connector;
  private readonly timer: NodeJS.Timeout;
  private isPumping = false;
  /** When a request last left the line. */
  private movedAt = 0;
  private isClosed = false;

  constructor(options: SessionPoolOptions) {
    const { open, maxSessions = 4, maxWaitMs = 10_000, idleCloseMs = 3_600_000, onConnectError } = options;
    this.maxSessions = maxSessions;
    this.waiting = createWaitingRequests(maxWaitMs);
    this.connector = createConnector({
      ...{ open, onConnectError },
      events: { onChange: () => this.onChange() },
      onOpened: (session) => this.sessions.add(session),
      // A session may have ended before it came here.
      onTried: () => this.onChange(),
    });
    this.sessions = createPooledSessions({
      ...{ idleCloseMs, retireAfter: options.retireAfter ?? (() => false) },
      onServed: this.connector.served,
      onEndedUnanswered: this.connector.endedUnanswered,
    });
    this.timer = setInterval(() => this.tick(performance.now()), TICK_MS);
  }

  send(request: PushRequest, settle: Settle): void {
    if (this.isClosed) {
      settle({ kind: "not-processed", code: "CLOSED" });
      return;
    }
    this.waiting.add(request, settle);
    this.pump();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    this.connector.close();
    this.waiting.close("CLOSED");
    await this.sessions.close();
  }

  stats() {
    const { size: sessions, pending } = this.sessions;
    return { sessions, pending, waiting: this.waiting.size, lastConnectError: this.connector.lastError() };
  }

  private onChange(): void {
    this.sessions.review();
    this.pump();
  }

  // A loop, not a recursion: a session may settle before `send` returns, and thousands may wait behind it.
  private pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      this.handOut();
    } finally {
      this.isPumping = false;
    }
    if (this.waiting.size > 0) this.openOneMore();
  }

  private handOut(): void {
    while (this.waiting.size > 0) {
      const session = this.sessions.freest();
      const entry = session && this.waiting.next();
      if (!entry) return;
      this.dispatch(session, entry);
    }
  }

  private dispatch(session: PooledSession, entry: Waiting): void {
    this.movedAt = performance.now();
    if (!entry.wasSent) {
      entry.wasSent = true;
      entry.since = this.movedAt;
    }
    const settle = (reply: PushReply) => {
      if (this.waiting.takeBack(entry, reply)) this.pump();
      else entry.settle(reply);
    };
    session.send(entry.request, settle, this.movedAt);
  }

  private openOneMore(): void {
    // What a session leaves over at its end comes back before the session itself says that it changed.
    this.sessions.review();
    const { open, size } = this.sessions;
    if (open < this.maxSessions && size < SESSIONS_IN_ALL * this.maxSessions) this.connector.openOne();
  }

  private tick(now: number): void {
    this.waiting.dropUnwanted();
    const code = this.sessions.open > 0 ? "NO_FREE_STREAM" : (this.connector.lastError() ?? "NO_CONNECTION");
    if (this.waiting.giveUp(now, this.movedAt, code)) this.sessions.closeUnused();
    this.sessions.closeIdle(now);
    this.pump();
  }
}
