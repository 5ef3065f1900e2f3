import {
  type OpenSession,
  type PushReply,
  type PushSession,
  type RequestSender,
  SessionConnectError,
} from "./push-session.js";
import { createWaitingLine, type Waiting } from "./waiting-line.js";

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

const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 10_000;
const TICK_MS = 250;

/** A request that no session processed is sent again at once, this many times in all. */
const MAX_TRIES = 5;

/** What a session at its end leaves over is sent again as often as that happens, since each time costs the peer a connection. */
const ENDS = new Set(["GOAWAY", "DRAINING"]);

/**
 * A session that answered nothing between two refusals so far apart, in milliseconds, is replaced: it may be on its way out
 * without saying so. A peer that refuses only what is too much answers the rest.
 */
const REFUSING_MS = 1_000;

/** What the pool remembers of a session. */
interface Use {
  usedAt: number;
  hasAnswered: boolean;
  /** The first refusal since its last answer. */
  refusedSince: number | undefined;
  isOver: boolean;
}

/**
 * Makes a pool: sessions are opened when requests wait for them, one at a time, replaced when the peer drains or drops
 * them, and closed when idle. Its callers bound how many requests wait.
 */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { open, maxSessions = 4, maxWaitMs = 10_000, idleCloseMs = 3_600_000, onConnectError } = options;
  const { retireAfter = () => false } = options;
  const sessions = new Map<PushSession, Use>();
  const waiting = createWaitingLine();
  let pumping = false;
  let opening = false;
  let failures = 0;
  let unanswered = 0;
  let notBefore = 0;
  let lastDispatchAt = 0;
  let lastConnectError: string | undefined;
  let closed = false;

  const openSessions = () => [...sessions.keys()].filter(({ state }) => state === "open");

  // A loop, not a recursion: a session may settle before `send` returns, and thousands may wait behind it.
  function pump(): void {
    if (pumping) return;
    pumping = true;
    while (waiting.size > 0) {
      const session = freest();
      if (!session) break;
      dispatch(session, waiting.next() as Waiting);
    }
    pumping = false;
    if (waiting.size > 0 && openSessions().length < maxSessions) openOneMore();
  }

  function freest(): PushSession | undefined {
    let best: PushSession | undefined;
    let bestFree = 0;
    for (const session of sessions.keys()) {
      const { freeStreams } = session;
      if (freeStreams > bestFree) [best, bestFree] = [session, freeStreams];
    }
    return best;
  }

  function dispatch(session: PushSession, entry: Waiting): void {
    if (entry.request.isWanted?.() === false) {
      entry.settle({ kind: "not-processed", code: "NOT_WANTED" });
      return;
    }
    const use = sessions.get(session) as Use;
    lastDispatchAt = performance.now();
    use.usedAt = lastDispatchAt;
    if (!entry.wasSent) {
      entry.wasSent = true;
      entry.since = lastDispatchAt;
    }
    session.send(entry.request, (reply) => {
      if (reply.kind === "answered") onAnswer(use);
      if (session.state === "open" && (retireAfter(reply) || refusesOnly(use, reply))) void session.close();
      if (mayResend(entry, reply)) resend(entry, reply);
      else entry.settle(reply);
    });
  }

  function onAnswer(use: Use): void {
    failures = 0;
    unanswered = 0;
    use.hasAnswered = true;
    use.refusedSince = undefined;
  }

  function refusesOnly(use: Use, reply: PushReply): boolean {
    if (reply.kind !== "not-processed" || reply.code !== "REFUSED_STREAM") return false;
    const now = performance.now();
    use.refusedSince ??= now;
    return now - use.refusedSince > REFUSING_MS;
  }

  function mayResend({ tries, since }: Waiting, reply: PushReply): boolean {
    return reply.kind === "not-processed" && !closed && tries < MAX_TRIES && performance.now() - since <= maxWaitMs;
  }

  function resend(entry: Waiting, reply: PushReply): void {
    if (reply.kind === "not-processed" && !ENDS.has(reply.code)) entry.tries++;
    waiting.addAgain(entry);
    pump();
  }

  function openOneMore(): void {
    if (opening || closed || performance.now() < notBefore) return;
    opening = true;
    const handlers = { onChange: () => onSessionChange() };
    open(handlers)
      .then(onOpened, onOpenFailed)
      .finally(() => {
        opening = false;
        pump();
      });
  }

  function onOpened(session: PushSession): void {
    lastConnectError = undefined;
    if (closed) return void session.close();
    sessions.set(session, { usedAt: performance.now(), hasAnswered: false, refusedSince: undefined, isOver: false });
    // It may have ended before it came here.
    onSessionChange();
  }

  function onOpenFailed(error: unknown): void {
    backOff();
    const failure = error instanceof SessionConnectError ? error : new SessionConnectError("CONNECT_FAILED", error);
    lastConnectError = failure.code;
    onConnectError?.(failure);
  }

  // 100 ms, 200, 400, … 10 s, each less up to a half; from the beginning again after an answer.
  function backOff(): void {
    const bound = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures++);
    notBefore = performance.now() + bound * (0.5 + Math.random() / 2);
  }

  function onSessionChange(): void {
    for (const [session, use] of sessions) {
      if (session.state !== "open" && !use.isOver) {
        use.isOver = true;
        // One that ends unanswered is bad luck; a peer that takes connections and serves none is as good as away.
        if (!use.hasAnswered && unanswered++ > 0) backOff();
      }
      if (session.state === "closed") sessions.delete(session);
    }
    pump();
  }

  function giveUpWaiting(now: number): void {
    for (let first = waiting.first(); first; first = waiting.first()) {
      if (now - Math.max(first.since, lastDispatchAt) <= maxWaitMs) return;
      const code = openSessions().length > 0 ? "NO_FREE_STREAM" : (lastConnectError ?? "NO_CONNECTION");
      waiting.next()?.settle({ kind: "not-processed", code });
    }
  }

  function closeIdle(now: number): void {
    let left = openSessions().length;
    for (const [session, use] of sessions) {
      if (left <= 1) return;
      if (session.state !== "open" || session.pending > 0 || now - use.usedAt <= idleCloseMs) continue;
      left--;
      // That it was not needed is no failure.
      use.isOver = true;
      void session.close();
    }
  }

  const timer = setInterval(() => {
    const now = performance.now();
    giveUpWaiting(now);
    closeIdle(now);
    pump();
  }, TICK_MS);

  return {
    send(request, settle) {
      if (closed) return settle({ kind: "not-processed", code: "CLOSED" });
      waiting.add({ request, settle, since: performance.now(), wasSent: false, tries: 1 });
      pump();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      for (const { settle } of waiting.drain()) settle({ kind: "not-processed", code: "CLOSED" });
      await Promise.all([...sessions.keys()].map((session) => session.close()));
    },
    stats: () => ({
      sessions: sessions.size,
      pending: [...sessions.keys()].reduce((sum, { pending }) => sum + pending, 0),
      waiting: waiting.size,
      lastConnectError,
    }),
  };
}
