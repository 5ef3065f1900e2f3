import type { PushSession } from "@fanfare/delivery";

/**
 * How long a connection carries a provider token before it may carry another one, in milliseconds: Apple's 20 minutes ("Establishing a
 * token-based connection to APNs"), which APNs counts from when the first request came to it, and a minute more.
 */
const CARRIED_MS = 21 * 60_000;

/** How {@link keepProviderToken} tells the time. */
export interface KeepOptions {
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  monotonicMs?: () => number;
}

/**
 * Makes a session that APNs never sees change its provider token too soon, which would be answered with
 * TooManyProviderTokenUpdates, whatever is sent, for 20 minutes. One that is offered another token sooner does not process the
 * request, takes no more, and ends those that it has: a connection may be opened a moment before the token is replaced.
 */
export function keepProviderToken(
  session: PushSession,
  { monotonicMs = () => performance.now() }: KeepOptions = {},
): PushSession {
  let carried: string | undefined;
  let carriedSince = 0;

  /** Whether a request may go out with this token now; from then on it is the one that the connection carries. */
  function carry(authorization: string | undefined): boolean {
    if (authorization === carried) return true;
    const now = monotonicMs();
    if (carried !== undefined && now - carriedSince < CARRIED_MS) return false;
    carried = authorization;
    carriedSince = now;
    return true;
  }

  return {
    get state() {
      return session.state;
    },
    get freeStreams() {
      return session.freeStreams;
    },
    get pending() {
      return session.pending;
    },
    send({ path, headers, body, isWanted }, settle) {
      if (carry(headers.authorization)) return session.send({ path, headers, body, isWanted }, settle);
      void session.close();
      settle({ kind: "not-processed", code: "DRAINING" });
    },
    close: () => session.close(),
    destroy: () => session.destroy(),
  };
}
