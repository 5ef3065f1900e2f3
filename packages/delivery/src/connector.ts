import { createConnectBackoff } from "./connect-backoff.js";
import { type OpenSession, type PushSession, SessionConnectError, type SessionEvents } from "./push-session.js";

/** How {@link createConnector} opens sessions. */
export interface ConnectorOptions {
  open: OpenSession;
  events: SessionEvents;
  onOpened: (session: PushSession) => void;
  /** Told of each session that could not be opened. */
  onConnectError?: ((error: SessionConnectError) => void) | undefined;
  /** An attempt to open a session is over. */
  onTried: () => void;
}

/** Opens the sessions of a pool. */
export interface Connector {
  /** Opens one, unless one is being opened or it is too early for another try. */
  openOne(): void;
  /** A session has its first answer, or ends after answers: the peer serves. */
  served(): void;
  /** A session ends without any answer. */
  endedUnanswered(): void;
  /** Why the last try failed; none after one that succeeded. */
  lastError(): string | undefined;
  /** Opens no more; one that is being opened is closed when it is there. */
  close(): void;
}

/** Makes a connector: one session at a time, with backoff. */
export function createConnector({ open, events, onOpened, onConnectError, onTried }: ConnectorOptions): Connector {
  const backoff = createConnectBackoff();
  let opening = false;
  let closed = false;
  let lastError: string | undefined;

  function onOpen(session: PushSession): void {
    lastError = undefined;
    if (closed) void session.close();
    else onOpened(session);
  }

  function onFailure(error: unknown): void {
    backoff.failed(performance.now());
    const failure = error instanceof SessionConnectError ? error : new SessionConnectError("CONNECT_FAILED", error);
    lastError = failure.code;
    onConnectError?.(failure);
  }

  return {
    openOne() {
      const now = performance.now();
      if (opening || closed || !backoff.mayTry(now)) return;
      opening = true;
      backoff.tried(now);
      open(events)
        .then(onOpen, onFailure)
        .finally(() => {
          opening = false;
          onTried();
        });
    },
    served: backoff.served,
    endedUnanswered: () => backoff.endedUnanswered(performance.now()),
    lastError: () => lastError,
    close() {
      closed = true;
    },
  };
}
