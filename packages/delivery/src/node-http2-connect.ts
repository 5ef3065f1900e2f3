import http2 from "node:http2";
import type { LookupFunction, Socket } from "node:net";
import { SessionConnectError } from "./push-session.js";
import { rotatingLookup } from "./rotating-lookup.js";

/** Where and how to connect. */
export interface NodeHttp2ConnectOptions {
  /** Such as `https://api.push.apple.com`. */
  origin: string;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
  /** TCP, TLS and the peer's first SETTINGS, in milliseconds. @default 10,000 */
  connectTimeoutMs?: number;
  /** Finds the addresses of the origin's host, anew for each connection. @default `dns.lookup`, in rotation */
  lookup?: LookupFunction;
}

/**
 * Connects; hands the connection and its socket to `onReady` when the peer's SETTINGS are read, and resolves with what that
 * returns. Its owner closes both: node leaves the socket open if the peer hangs up in the same moment as the session closes.
 *
 * @throws SessionConnectError when that takes too long or fails.
 */
export function connectNodeHttp2<Session>(
  { origin, ca, connectTimeoutMs = 10_000, lookup = rotatingLookup }: NodeHttp2ConnectOptions,
  onReady: (session: http2.ClientHttp2Session, socket: Socket) => Session,
): Promise<Session> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(origin, {
      ...(ca === undefined ? {} : { ca }),
      settings: { enablePush: false },
      ALPNProtocols: ["h2"],
      // Handed on to the socket, which can not be reached any more once a session owns it.
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, lookup },
    });
    const fail = (code: string, cause?: unknown) => {
      clearTimeout(timer);
      session.destroy();
      reject(new SessionConnectError(code, cause));
    };
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? error.name, error);
    const onClose = () => fail("CONNECTION_CLOSED");
    const timer = setTimeout(() => fail("CONNECT_TIMEOUT"), connectTimeoutMs);
    session.on("error", onError);
    session.once("close", onClose);
    // Before the SETTINGS, and the socket itself: `session.socket` is a proxy that can not be closed.
    let socket: Socket;
    session.once("connect", (_session, connected) => {
      socket = connected as Socket;
    });
    session.once("remoteSettings", () => {
      clearTimeout(timer);
      // At once, so that there is no moment at which nobody listens: an unheard error ends the process.
      const ready = onReady(session, socket);
      session.off("error", onError);
      session.off("close", onClose);
      resolve(ready);
    });
  });
}
