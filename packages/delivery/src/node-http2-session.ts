import http2 from "node:http2";
import {
  type PushRequest,
  type PushSession,
  SessionConnectError,
  type SessionEvents,
  type Settle,
} from "./push-session.js";

/** How a session on `node:http2` behaves. */
export interface NodeHttp2SessionOptions {
  /** Such as `https://api.push.apple.com`. */
  origin: string;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
  /** TCP, TLS and the peer's first SETTINGS, in milliseconds. @default 10,000 */
  connectTimeoutMs?: number;
  /** From handing a request over to the end of its answer, in milliseconds; FCM asks for 10 s at least. @default 15,000 */
  requestTimeoutMs?: number;
  /** Silence after which a PING is sent, in milliseconds. @default 60,000 */
  pingIdleMs?: number;
  /** A PING unanswered for so long: the peer is dead, in milliseconds. @default 5,000 */
  pingTimeoutMs?: number;
  /** Requests in flight at most, whatever more the peer allows. @default 1,000 */
  maxStreams?: number;
}

/** Bytes of an answer's body that are kept; providers' answers are below 1 KB. */
const BODY_MAX_BYTES = 65_536;

const TICK_MS = 250;

interface Pending {
  settle: Settle;
  stream: http2.ClientHttp2Stream;
  deadline: number;
  status: number;
  headers: Record<string, string | undefined>;
  chunks: Buffer[];
  bytes: number;
}

/** Opens a session on `node:http2`: the reference implementation of the port. */
export async function openNodeHttp2Session(
  options: NodeHttp2SessionOptions,
  events: SessionEvents,
): Promise<PushSession> {
  const session = await connect(options);
  return createSession(session, options, events);
}

function connect({ origin, ca, connectTimeoutMs = 10_000 }: NodeHttp2SessionOptions) {
  return new Promise<http2.ClientHttp2Session>((resolve, reject) => {
    const session = http2.connect(origin, {
      ...(ca === undefined ? {} : { ca }),
      settings: { enablePush: false },
      ALPNProtocols: ["h2"],
      // Handed on to the socket, which can not be reached any more once a session owns it.
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
    });
    const fail = (code: string, cause?: unknown) => {
      clearTimeout(timer);
      session.destroy();
      reject(new SessionConnectError(code, cause));
    };
    const timer = setTimeout(() => fail("CONNECT_TIMEOUT"), connectTimeoutMs);
    session.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.name, error));
    session.once("close", () => fail("CONNECTION_CLOSED"));
    session.once("remoteSettings", () => {
      clearTimeout(timer);
      session.removeAllListeners("error");
      session.removeAllListeners("close");
      resolve(session);
    });
  });
}

function createSession(
  session: http2.ClientHttp2Session,
  options: NodeHttp2SessionOptions,
  events: SessionEvents,
): PushSession {
  const { requestTimeoutMs = 15_000, pingIdleMs = 60_000, pingTimeoutMs = 5_000, maxStreams = 1_000 } = options;
  // Insertion order is deadline order, since every request has the same time.
  const pending = new Set<Pending>();
  let state: PushSession["state"] = "open";
  let lastStreamId = Number.POSITIVE_INFINITY;
  let lastHeardAt = performance.now();
  let pingSentAt: number | undefined;

  const changeState = (to: PushSession["state"]) => {
    if (state === "closed" || state === to) return;
    state = to;
    events.onChange();
  };

  const finish = (request: Pending, reply: Parameters<Settle>[0]) => {
    if (!pending.delete(request)) return;
    request.settle(reply);
    events.onChange();
  };

  const onStreamClosed = (request: Pending) => {
    const { stream, status, headers, chunks } = request;
    // Once the status is here the provider has decided, even if the rest of its answer was cut off.
    if (status > 0) return finish(request, { kind: "answered", status, headers, body: Buffer.concat(chunks) });
    const code = streamErrorName(stream.rstCode);
    const notProcessed =
      stream.id === undefined || stream.id > lastStreamId || stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
    finish(request, { kind: notProcessed ? "not-processed" : "unknown", code });
  };

  const checkDeadlines = (now: number) => {
    for (const request of pending) {
      if (request.deadline > now) break;
      const written = request.stream.id !== undefined;
      finish(request, { kind: written ? "unknown" : "not-processed", code: "TIMEOUT" });
      request.stream.close(http2.constants.NGHTTP2_CANCEL);
    }
  };

  // A peer that owes answers is asked sooner than one that is merely idle.
  const checkPeer = (now: number) => {
    if (pingSentAt !== undefined) {
      if (now - pingSentAt > pingTimeoutMs) session.destroy();
      return;
    }
    const silentMs = now - lastHeardAt;
    if (silentMs < (pending.size > 0 ? Math.min(pingIdleMs, requestTimeoutMs / 3) : pingIdleMs)) return;
    pingSentAt = now;
    session.ping((error) => {
      pingSentAt = undefined;
      if (!error) lastHeardAt = performance.now();
    });
  };

  const timer = setInterval(() => {
    const now = performance.now();
    checkDeadlines(now);
    if (!session.destroyed) checkPeer(now);
  }, TICK_MS);

  session.on("remoteSettings", () => events.onChange());
  session.on("goaway", (_code, lastId) => {
    lastStreamId = lastId;
    changeState("draining");
  });
  // What an error did to each request is told by its stream; the end of the session is told by `close`.
  session.on("error", () => changeState("draining"));
  session.on("close", () => {
    clearInterval(timer);
    for (const request of pending) onStreamClosed(request);
    changeState("closed");
  });

  return {
    get state() {
      return state;
    },
    get pending() {
      return pending.size;
    },
    get freeStreams() {
      if (state !== "open") return 0;
      const limit = Math.min(maxStreams, session.remoteSettings.maxConcurrentStreams ?? maxStreams);
      return Math.max(0, limit - pending.size);
    },
    send(request, settle) {
      const stream = this.freeStreams > 0 ? openStream(session, request) : undefined;
      if (!stream) return settle({ kind: "not-processed", code: "NO_FREE_STREAM" });
      const deadline = performance.now() + requestTimeoutMs;
      const entry: Pending = { settle, stream, deadline, status: 0, headers: {}, chunks: [], bytes: 0 };
      pending.add(entry);
      stream.on("response", (headers) => {
        lastHeardAt = performance.now();
        entry.status = Number(headers[":status"]);
        entry.headers = headers as Record<string, string | undefined>;
      });
      stream.on("data", (chunk: Buffer) => {
        entry.bytes += chunk.length;
        if (entry.bytes <= BODY_MAX_BYTES) entry.chunks.push(chunk);
      });
      // The code of an error is in `rstCode`, which `close` reads.
      stream.on("error", () => undefined);
      stream.on("close", () => onStreamClosed(entry));
      stream.end(request.body);
    },
    close() {
      changeState("draining");
      return new Promise((resolve) => {
        if (session.destroyed) return resolve();
        session.once("close", resolve);
        session.close();
      });
    },
    destroy: () => session.destroy(),
  };
}

function openStream(session: http2.ClientHttp2Session, { path, headers }: PushRequest) {
  try {
    return session.request({
      ":method": "POST",
      ":path": path,
      ...headers,
      // Device tokens and credentials stay out of the compression tables (RFC 7541, section 7.1).
      [http2.sensitiveHeaders]: [":path", "authorization"],
    });
  } catch {
    // GOAWAY or the end of the connection came between asking for a free stream and opening it: nothing was written.
    return undefined;
  }
}

/** Error codes of RFC 9113, section 7. */
const STREAM_ERRORS = [
  ...["CONNECTION_LOST", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED"],
  ...["FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM"],
  ...["INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

function streamErrorName(code = 0): string {
  return STREAM_ERRORS[code] ?? `HTTP2_ERROR_${code}`;
}
