import { isIP, type LookupFunction } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { Http2Connection, type Http2ConnectionEvents, type Http2ConnectionOptions } from "./connection.js";

/** Where and how to connect. */
export interface ConnectHttp2Options extends Http2ConnectionOptions {
  /** Such as `https://api.push.apple.com`. */
  origin: string;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
  /** TCP, TLS and the peer's first SETTINGS, in milliseconds. @default 10,000 */
  connectTimeoutMs?: number;
  /** Finds the addresses of the origin's host. @default `dns.lookup` */
  lookup?: LookupFunction;
}

/** A connection could not be made. `code` is the socket's or TLS's own, such as `ECONNREFUSED`, or one of this file. */
export class Http2ConnectError extends Error {
  override readonly name = "Http2ConnectError";
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(`No HTTP/2 connection: ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Connects over TLS; resolves when the peer's SETTINGS are read.
 *
 * @throws Http2ConnectError when that takes too long (`CONNECT_TIMEOUT`) or fails.
 */
export function connectHttp2(options: ConnectHttp2Options, events: Http2ConnectionEvents): Promise<Http2Connection> {
  const { connectTimeoutMs = 10_000 } = options;
  return new Promise((resolve, reject) => {
    const socket = openSocket(options);
    const stopListening = () => {
      clearTimeout(timer);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
    const fail = (code: string, cause?: unknown) => {
      stopListening();
      // What else it has to say is of no matter, and must be heard.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(new Http2ConnectError(code, cause));
    };
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? error.name, error);
    const onClose = () => fail("CONNECTION_CLOSED");
    const timer = setTimeout(() => fail("CONNECT_TIMEOUT"), connectTimeoutMs);
    socket.on("error", onError);
    socket.once("close", onClose);
    socket.once("secureConnect", () => {
      // Not chosen by a peer that knows nothing of ALPN (RFC 9113, section 3.2).
      if (socket.alpnProtocol !== "h2") return fail("HTTP2_NOT_SPOKEN");
      const { host } = new URL(options.origin);
      const connection = new Http2Connection(socket, host, options, events, () => {
        stopListening();
        resolve(connection);
      });
    });
  });
}

function openSocket({ origin, ca, lookup }: ConnectHttp2Options): TLSSocket {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return connect({
    ...{ host, port: port === "" ? 443 : Number(port), ALPNProtocols: ["h2"] },
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    ...(lookup ? { lookup } : {}),
    // Such small writes are whole turns of the event loop already; a silent path is noticed though no PING is due.
    ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
  });
}
