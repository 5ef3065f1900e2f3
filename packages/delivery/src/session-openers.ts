import { openFanfareHttp2Session } from "./fanfare-http2-session.js";
import { openNodeHttp2Session } from "./node-http2-session.js";

/** The implementations of a session by the name that the setting `HTTP2_CLIENT` has for them. */
export const SESSION_OPENERS = { fanfare: openFanfareHttp2Session, node: openNodeHttp2Session };

/** Opens a session of either implementation. */
export type SessionOpener = (typeof SESSION_OPENERS)[keyof typeof SESSION_OPENERS];
