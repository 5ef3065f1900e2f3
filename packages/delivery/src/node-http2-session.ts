import http2 from "node:http2";
import type { Socket } from "node:net";
import { http2ErrorName, illegalFieldOf } from "@fanfare/http2";
import { readGoawayReason } from "./goaway-reason.js";
import { connectNodeHttp2, type NodeHttp2ConnectOptions } from "./node-http2-connect.js";
import type { PushReply, PushRequest, PushSession, SessionEvents, Settle } from "./push-session.js";

/** How a session on `node:http2` behaves. */
export interface NodeHttp2SessionOptions extends NodeHttp2ConnectOptions {
  /** From handing a request over to the end of its answer, in milliseconds; FCM asks for 10 s at least. @default 15,000 */
  requestTimeoutMs?: number;
  /** Silence after which a PING is sent, in milliseconds. @default 60,000 */
  pingIdleMs?: number;
  /** A PING unanswered for so long: the peer is dead, in milliseconds. @default 5,000 */
  pingTimeoutMs?: number;
  /**
   * How long it waits for the answers that are owed once it takes no more requests, in milliseconds. @default as long as a request
   * may take
   */
  drainTimeoutMs?: number;
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
export function openNodeHttp2Session(options: NodeHttp2SessionOptions, events: SessionEvents): Promise<PushSession> {
  return connectNodeHttp2(options, (session, socket) => createSession(session, socket, options, events));
}

function createSession(
  session: http2.ClientHttp2Session,
  socket: Socket,
  options: NodeHttp2SessionOptions,
  events: SessionEvents,
): PushSession {
  const { requestTimeoutMs = 15_000, pingIdleMs = 60_000, pingTimeoutMs = 5_000, maxStreams = 1_000 } = options;
  const { drainTimeoutMs = requestTimeoutMs } = options;
  // Insertion order is deadline order, since every request has the same time.
  const pending = new Set<Pending>();
  let state: PushSession["state"] = "open";
  let lastStreamId = Number.POSITIVE_INFINITY;
  let endsAt = Number.POSITIVE_INFINITY;
  let lastHeardAt = performance.now();
  let pingSentAt: number | undefined;
  /** Why it ends, if not in order. */
  let why: string | undefined;
  /** Requests that ended with it. */
  let cutOff = 0;
  let resolveClosed: () => void;
  const whenClosed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });

  const changeState = (to: PushSession["state"]) => {
    if (state === "closed" || state === to) return;
    state = to;
    if (to === "draining") endsAt = performance.now() + drainTimeoutMs;
    events.onChange();
  };

  const finish = (request: Pending, reply: PushReply) => {
    if (!pending.delete(request)) return;
    request.settle(reply);
    events.onChange();
  };

  const destroy = (reason: string) => {
    why ??= reason;
    session.destroy();
  };

  const end = (request: Pending, code: string) => {
    const { status, headers, chunks } = request;
    // Once the status is here the provider has decided, even if the rest of its answer was cut off.
    if (status > 0) return finish(request, { kind: "answered", status, headers, body: Buffer.concat(chunks) });
    const notProcessed = code === "REFUSED_STREAM" || isAbove(request, lastStreamId);
    finish(request, { kind: notProcessed ? "not-processed" : "unknown", code });
  };

  const onStreamClosed = (request: Pending) => {
    // One that got no id: they have run out (RFC 9113, section 5.1.1), and no other request will get one.
    if (request.stream.id === undefined) changeState("draining");
    if (session.destroyed && request.status === 0 && pending.has(request)) cutOff++;
    end(request, http2ErrorName(request.stream.rstCode));
  };

  const checkDeadlines = (now: number) => {
    for (const request of pending) {
      if (request.deadline > now) break;
      end(request, "TIMEOUT");
      request.stream.close(http2.constants.NGHTTP2_CANCEL);
    }
  };

  // Whatever a peer says answers a PING.
  const hear = () => {
    lastHeardAt = performance.now();
    pingSentAt = undefined;
  };

  // A peer that owes answers is asked sooner than one that is merely idle.
  const checkPeer = (now: number) => {
    if (pingSentAt !== undefined) {
      if (now - pingSentAt > pingTimeoutMs) destroy("PING_TIMEOUT");
      return;
    }
    const silentMs = now - lastHeardAt;
    if (silentMs < (pending.size > 0 ? Math.min(pingIdleMs, requestTimeoutMs / 3) : pingIdleMs)) return;
    pingSentAt = now;
    session.ping((error) => void (error || hear()));
  };

  const onClosed = () => {
    clearInterval(timer);
    socket.destroy();
    for (const request of pending) onStreamClosed(request);
    if (state !== "closed") events.onEnd?.({ reason: why ?? endOf(state), inFlight: cutOff });
    changeState("closed");
    resolveClosed();
  };

  const check = () => {
    // Node (20.20) emits no `close` if the peer hangs up in the same moment as the session closes: measured, it never comes.
    if (session.destroyed) return onClosed();
    const now = performance.now();
    checkDeadlines(now);
    if (now > endsAt) destroy("DRAIN_TIMEOUT");
    else checkPeer(now);
  };
  // After the sockets were read: answers that came while the process was busy are here, not late.
  const timer = setInterval(() => setImmediate(check), TICK_MS);

  session.on("remoteSettings", () => events.onChange());
  session.on("goaway", (errorCode, lastId, debugData) => {
    // A later one may only take streams away (RFC 9113, section 6.8).
    lastStreamId = Math.min(lastStreamId, lastId);
    events.onGoaway?.({ errorCode, reason: readGoawayReason(debugData) });
    if (errorCode !== http2.constants.NGHTTP2_NO_ERROR) why ??= http2ErrorName(errorCode);
    changeState("draining");
    for (const request of pending) {
      if (isAbove(request, lastStreamId)) end(request, "GOAWAY");
    }
  });
  // What an error did to each request is told by its stream; the end of the session is told by `close`.
  session.on("error", (error: NodeJS.ErrnoException) => {
    why ??= error.code ?? error.name;
    changeState("draining");
  });
  session.on("close", onClosed);

  return {
    get state() {
      // Node itself closes a session that could not send a frame, and says so to nobody.
      return state === "open" && (session.closed || session.destroyed) ? "draining" : state;
    },
    get pending() {
      return pending.size;
    },
    get freeStreams() {
      if (this.state !== "open") return 0;
      const limit = Math.min(maxStreams, session.remoteSettings.maxConcurrentStreams ?? maxStreams);
      return Math.max(0, limit - pending.size);
    },
    send(request, settle) {
      if (this.freeStreams === 0) return settle({ kind: "not-processed", code: "NO_FREE_STREAM" });
      // Once: they may be made by reading them.
      const { path, headers, body } = request;
      const illegal = illegalFieldOf(path, headers);
      if (illegal !== undefined) return settle({ kind: "illegal", field: illegal });
      let stream: http2.ClientHttp2Stream;
      try {
        stream = openStream(session, path, headers);
      } catch (error) {
        // Nothing was written: the session is at its end.
        const { name, code = name } = error as NodeJS.ErrnoException;
        changeState("draining");
        return settle({ kind: "not-processed", code });
      }
      const deadline = performance.now() + requestTimeoutMs;
      const entry: Pending = { settle, stream, deadline, status: 0, headers: {}, chunks: [], bytes: 0 };
      pending.add(entry);
      stream.on("response", (headers) => {
        hear();
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
      stream.end(body);
    },
    close() {
      changeState("draining");
      session.close();
      return whenClosed;
    },
    destroy: () => destroy("DESTROYED"),
  };
}

/** Why a session ends that no error ended: it was to take no more requests, or the peer hung up. */
const endOf = (state: PushSession["state"]) => (state === "draining" ? "DRAINED" : "CONNECTION_CLOSED");

/** Whether a request's stream was never opened, or is above the last one that the peer may process. */
function isAbove({ stream }: Pending, lastStreamId: number): boolean {
  return stream.id === undefined || stream.id > lastStreamId;
}

function openStream(
  session: http2.ClientHttp2Session,
  path: string,
  headers: PushRequest["headers"],
): http2.ClientHttp2Stream {
  return session.request({
    ":method": "POST",
    ":path": path,
    ...headers,
    // Device tokens and credentials stay out of the compression tables (RFC 7541, section 7.1).
    [http2.sensitiveHeaders]: [":path", "authorization"],
  });
}
