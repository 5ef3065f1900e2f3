import { SESSION_OPENERS } from "@fanfare/delivery";

/** What opens a session of each implementation of the PushSession port, by its name: `(options, events) => Promise<PushSession>`. */
export const PUSH_SESSIONS = { "node:http2": SESSION_OPENERS.node, "Fanfare's own": SESSION_OPENERS.fanfare };
