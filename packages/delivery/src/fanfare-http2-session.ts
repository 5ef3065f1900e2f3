import { type ConnectHttp2Options, connectHttp2, Http2ConnectError } from "@fanfare/http2";
import { readGoawayReason } from "./goaway-reason.js";
import { type PushSession, SessionConnectError, type SessionEvents } from "./push-session.js";
import { rotatingLookup } from "./rotating-lookup.js";

/** How a session on Fanfare's own HTTP/2 client behaves: as one on `node:http2`. */
export type FanfareHttp2SessionOptions = ConnectHttp2Options;

/**
 * Opens a session on Fanfare's own HTTP/2 client, which costs a fraction of `node:http2` for requests of this kind; its addresses
 * are looked up in rotation.
 */
export async function openFanfareHttp2Session(
  options: FanfareHttp2SessionOptions,
  events: SessionEvents,
): Promise<PushSession> {
  try {
    return await connectHttp2(
      { lookup: rotatingLookup, ...options },
      {
        onChange: () => events.onChange(),
        onGoaway: ({ errorCode, debugData }) => events.onGoaway?.({ errorCode, reason: readGoawayReason(debugData) }),
        onEnd: (end) => events.onEnd?.(end),
      },
    );
  } catch (error) {
    if (error instanceof Http2ConnectError) throw new SessionConnectError(error.code, error.cause);
    throw error;
  }
}
