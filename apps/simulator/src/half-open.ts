import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { socketOf } from "./connection-sockets.js";

/** node:http2 reads below the streams of Node, which `pause()` does not stop: only the handle of the TCP connection does. */
interface WithHandle {
  _handle?: { readStop(): void; readStart(): void } | null;
}

/** node:http2 begins to read again when a write ends that was under way. */
const STOP_AGAIN_MS = 20;

/**
 * Makes peers half-open: their connections stay, and nothing that comes is read any more, PINGs neither. Returns what ends it: all that
 * came in the meantime is read then.
 */
export function stopReading(sessions: Iterable<Http2Session>): () => void {
  const sockets = [...sessions].flatMap((session) => socketOf(session) ?? []);
  const eachHandle = (use: (handle: NonNullable<WithHandle["_handle"]>) => void) => {
    for (const socket of sockets as (Socket & WithHandle)[]) if (socket._handle) use(socket._handle);
  };
  const stop = () => eachHandle((handle) => handle.readStop());
  stop();
  const timer = setInterval(stop, STOP_AGAIN_MS).unref();
  return () => {
    clearInterval(timer);
    eachHandle((handle) => handle.readStart());
  };
}
