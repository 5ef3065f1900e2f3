import type { Http2Session } from "node:http2";

/** How many streams the connections of one server allow: what the provider says, or what a fault says instead. */
export interface StreamLimits {
  /** A connection began, with the provider's limit in its first settings. */
  begin(session: Http2Session, maxStreams: number): void;
  /** The provider allows a connection so many from now on. */
  set(session: Http2Session, maxStreams: number): void;
  /** Allows so many on all connections and those that come; `undefined`: what the provider says again. */
  override(maxStreams: number | undefined): void;
}

/** Makes the limits of one server. */
export function createStreamLimits(): StreamLimits {
  const sessions = new Map<Http2Session, number>();
  let overriding: number | undefined;

  const tell = (session: Http2Session, maxStreams: number) => {
    if (!session.destroyed) session.settings({ maxConcurrentStreams: overriding ?? maxStreams });
  };

  return {
    begin(session, maxStreams) {
      sessions.set(session, maxStreams);
      session.once("close", () => sessions.delete(session));
      if (overriding !== undefined) tell(session, maxStreams);
    },
    set(session, maxStreams) {
      sessions.set(session, maxStreams);
      tell(session, maxStreams);
    },
    override(maxStreams) {
      if (maxStreams === overriding) return;
      overriding = maxStreams;
      for (const [session, own] of sessions) tell(session, own);
    },
  };
}
