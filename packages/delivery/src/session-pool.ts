import {
  type OpenSession,
  type PushReply,
  type PushRequest,
  type PushSession,
  type RequestSender,
  SessionConnectError,
  type Settle,
} from "./push-session.js";

/** How a pool of sessions to one origin behaves. */
export interface SessionPoolOptions {
  open: OpenSession;
  /** Sessions at once at most. @default 4 */
  maxSessions?: number;
  /** How long a request waits while no session is open, in milliseconds. @default 10,000 */
  maxWaitMs?: number;
  /** A session unused for so long is closed, in milliseconds. @default 3,600,000 */
  idleCloseMs?: number;
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

interface Waiting {
  request: PushRequest;
  settle: Settle;
  since: number;
  tries: number;
}

/**
 * Makes a pool: sessions are opened when requests wait for them, one at a time, replaced when the peer drains or drops
 * them, and closed when idle. Its callers bound how many requests wait.
 */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { open, maxSessions = 4, maxWaitMs = 10_000, idleCloseMs = 3_600_000, onConnectError } = options;
  const sessions = new Map<PushSession, { usedAt: number }>();
  let waiting: Waiting[] = [];
  let head = 0;
  let opening = false;
  let failures = 0;
  let notBefore = 0;
  let lastConnectError: string | undefined;
  let closed = false;

  const openSessions = () => [...sessions.keys()].filter(({ state }) => state === "open");
  const waitingCount = () => waiting.length - head;

  function enqueue(entry: Waiting): void {
    waiting.push(entry);
    pump();
  }

  function pump(): void {
    while (head < waiting.length) {
      const session = freest();
      if (!session) break;
      dispatch(session, waiting[head++] as Waiting);
    }
    if (head === waiting.length) {
      waiting = [];
      head = 0;
    } else if (openSessions().length < maxSessions) {
      openOneMore();
    }
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
    const use = sessions.get(session);
    if (use) use.usedAt = performance.now();
    session.send(entry.request, (reply) => onReply(entry, reply));
  }

  function onReply(entry: Waiting, reply: PushReply): void {
    if (reply.kind === "not-processed" && !closed && entry.tries < MAX_TRIES) {
      enqueue({ ...entry, tries: entry.tries + 1 });
    } else {
      entry.settle(reply);
    }
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
    failures = 0;
    lastConnectError = undefined;
    if (closed) return void session.close();
    sessions.set(session, { usedAt: performance.now() });
  }

  function onOpenFailed(error: unknown): void {
    const bound = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures++);
    notBefore = performance.now() + bound * (0.5 + Math.random() / 2);
    const failure = error instanceof SessionConnectError ? error : new SessionConnectError("CONNECT_FAILED", error);
    lastConnectError = failure.code;
    onConnectError?.(failure);
  }

  function onSessionChange(): void {
    for (const session of sessions.keys()) if (session.state === "closed") sessions.delete(session);
    pump();
  }

  function giveUpWaiting(now: number): void {
    if (openSessions().length > 0) return;
    while (head < waiting.length && now - (waiting[head] as Waiting).since > maxWaitMs) {
      const { settle } = waiting[head++] as Waiting;
      settle({ kind: "not-processed", code: lastConnectError ?? "NO_CONNECTION" });
    }
  }

  const timer = setInterval(() => {
    const now = performance.now();
    giveUpWaiting(now);
    for (const [session, { usedAt }] of sessions) {
      if (session.pending === 0 && now - usedAt > idleCloseMs) void session.close();
    }
    pump();
  }, TICK_MS);

  return {
    send(request, settle) {
      if (closed) return settle({ kind: "not-processed", code: "CLOSED" });
      enqueue({ request, settle, since: performance.now(), tries: 1 });
    },
    async close() {
      closed = true;
      clearInterval(timer);
      const left = waiting.slice(head);
      waiting = [];
      head = 0;
      for (const { settle } of left) settle({ kind: "not-processed", code: "CLOSED" });
      await Promise.all([...sessions.keys()].map((session) => session.close()));
    },
    stats: () => ({
      sessions: sessions.size,
      pending: [...sessions.keys()].reduce((sum, { pending }) => sum + pending, 0),
      waiting: waitingCount(),
      lastConnectError,
    }),
  };
}
