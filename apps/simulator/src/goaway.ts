import http2, { type Http2Session, type ServerHttp2Stream } from "node:http2";

/** What a GOAWAY says besides its last stream. */
export interface Goaway {
  /** @default 0 */
  errorCode?: number | undefined;
  /** Sent as debug data, `{"reason": …}`, as APNs does. */
  reason?: string | undefined;
}

/** Of each connection: the highest stream that was taken, and the last one that its GOAWAY promised. */
const connections = new WeakMap<object, { taken: number; promised: number }>();

/** What was taken on a connection, and what is promised. */
export function promisesOf(session: Http2Session): { taken: number; promised: number } {
  let connection = connections.get(session);
  if (!connection) {
    connection = { taken: 0, promised: Number.POSITIVE_INFINITY };
    connections.set(session, connection);
  }
  return connection;
}

/**
 * Notes that a stream is taken; `false`: it is above what a GOAWAY promised, and is refused. A server that took it all the same
 * would have the sender deliver it twice.
 */
export function takeStream(stream: ServerHttp2Stream): boolean {
  const { session, id = 0 } = stream;
  if (!session) return false;
  const connection = promisesOf(session);
  if (id > connection.promised) {
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    return false;
  }
  connection.taken = Math.max(connection.taken, id);
  return true;
}

/**
 * Says GOAWAY on a connection. Streams above the last one are refused from now on, and those that are open are closed as not processed:
 * who counted one as delivered learns of it with `whenNotProcessed`.
 */
export function sayGoaway(session: Http2Session, lastStreamId: number, goaway: Goaway): void {
  promise(session, lastStreamId);
  soon(session, () => send(session, goaway));
}

/** The same with what is the last stream once it can be said: nothing is answered in between. */
export function sayGoawayAfter(session: Http2Session, findLastStreamId: () => number, goaway: Goaway): void {
  soon(session, () => {
    const lastStreamId = findLastStreamId();
    promise(session, lastStreamId);
    send(session, goaway);
  });
}

function promise(session: Http2Session, lastStreamId: number): void {
  const connection = promisesOf(session);
  connection.promised = Math.min(connection.promised, lastStreamId);
}

function send(session: Http2Session, { errorCode = 0, reason }: Goaway): void {
  const debugData = reason === undefined ? undefined : Buffer.from(JSON.stringify({ reason }));
  // Never more than an earlier one promised: senders hold that against the connection (RFC 9113, section 6.8).
  const { promised } = promisesOf(session);
  // node:http2 takes an id below 1 for "all of them".
  session.goaway(errorCode, Math.max(1, promised), debugData);
}

/** Calls back when a stream is closed as one that was not processed after all. */
export function whenNotProcessed(stream: ServerHttp2Stream, callback: () => void): void {
  stream.once("close", () => {
    if (stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) callback();
  });
}

// Not from within a callback of one of its streams, which Node 20 does not survive: the heap is corrupted.
function soon(session: Http2Session, act: () => void): void {
  setImmediate(() => {
    if (!session.destroyed) act();
  });
}
