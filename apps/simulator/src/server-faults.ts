import http2, { type Http2SecureServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { cutConnection, rememberSockets } from "./connection-sockets.js";
import { createFaultList, type Lasting } from "./fault-list.js";
import { type Goaway, sayGoawayAfter } from "./goaway.js";
import { stopReading } from "./half-open.js";
import { oneByteSocket } from "./one-byte-socket.js";
import type { StreamLimits } from "./stream-limits.js";

/** GOAWAY: on all connections at once; or at the next request of the next `connections`; or at each n-th request. */
export interface GoawayFault extends Goaway {
  kind: "goaway";
  /** The last stream that is taken: the last that was received, none that is open, or the middle one of those. */
  lastStream: "received" | "none" | "half";
  /** Whether the connection is cut afterwards. */
  close: boolean;
  connections?: number | undefined;
  everyRequests?: number | undefined;
}

/** Faults of a whole server: of all connections that are open, or of those that come. */
export type ServerFault = Lasting &
  (
    | GoawayFault
    | { kind: "destroy" | "stall" | "refuseStreams" | "refuseConnections" | "tlsFailure" | "oneByteFrames" }
    | { kind: "maxStreams"; value: number }
  );

/** Makes a server misbehave. */
export interface ServerFaults {
  apply(fault: ServerFault): void;
  /** Those that last. */
  list(): ServerFault[];
  /** Ends what lasts. */
  clear(): void;
}

/** What the faults of a server need besides it. */
export interface ServerFaultsOptions {
  streamLimits: StreamLimits;
  countFault(kind: string): void;
  /** Whether to know which streams are open, for GOAWAYs in their middle: it costs a little on each request. */
  followStreams: boolean;
}

type Session = Http2Session;
const nothing = () => undefined;

/** Faults that new connections meet; each kind that is not here is met by streams, or by all connections at once. */
const OF_CONNECTIONS = new Set<ServerFault["kind"]>(["refuseConnections", "tlsFailure", "oneByteFrames"]);

/** Makes the faults of one server; when it has its listeners, before it listens. */
export function createServerFaults(server: Http2SecureServer, options: ServerFaultsOptions): ServerFaults {
  const { streamLimits, countFault, followStreams } = options;
  /** Every connection, with its open streams where they are followed. */
  const sessions = new Map<Session, Set<ServerHttp2Stream>>();
  const lasting = createFaultList<ServerFault>({ countFault, onChange: follow });
  /** Connections that met a GOAWAY of `connections` already. */
  const told = new WeakSet<Session>();
  let watchesStreams = false;
  let requests = 0;
  let resumeReading: (() => void) | undefined;

  server.on("session", (session) => {
    sessions.set(session, new Set());
    session.once("close", () => sessions.delete(session));
  });
  intercept<Socket>(server, "connection", meetConnection);
  intercept<ServerHttp2Stream>(server, "stream", (stream) => {
    if (followStreams) followStream(stream);
    return !watchesStreams || meetStream(stream) ? stream : undefined;
  });
  rememberSockets(server);

  /** Brings what is set into force, so that each request has no more than a flag to look at. */
  function follow(): void {
    const faults = lasting.list();
    watchesStreams = faults.some(({ kind }) => kind === "goaway" || kind === "refuseStreams");
    const limit = faults.filter((fault) => fault.kind === "maxStreams").at(-1);
    streamLimits.override(limit?.kind === "maxStreams" ? limit.value : undefined);
    if (faults.some(({ kind }) => kind === "stall")) return;
    resumeReading?.();
    resumeReading = undefined;
  }

  function followStream(stream: ServerHttp2Stream): void {
    const open = stream.session && sessions.get(stream.session);
    open?.add(stream);
    stream.once("close", () => open?.delete(stream));
  }

  function meetConnection(socket: Socket): Duplex | undefined {
    const fault = lasting.take(({ kind }) => OF_CONNECTIONS.has(kind));
    if (!fault) return socket;
    socket.on("error", nothing);
    if (fault.kind === "oneByteFrames") return oneByteSocket(socket);
    if (fault.kind === "tlsFailure") socket.resume().end("this is not TLS");
    else socket.resetAndDestroy();
    return undefined;
  }

  /** Whether a new stream goes on to the provider. */
  function meetStream(stream: ServerHttp2Stream): boolean {
    const { session } = stream;
    if (!session) return false;
    requests++;
    const fault = lasting.take((candidate) => isDue(candidate, session));
    if (fault?.kind === "goaway") {
      told.add(session);
      goAway(session, fault);
      if (fault.lastStream === "received") return true;
    } else if (fault?.kind !== "refuseStreams") {
      return true;
    }
    stream.on("error", nothing);
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    return false;
  }

  function isDue(fault: ServerFault, session: Session): boolean {
    if (fault.kind !== "goaway") return fault.kind === "refuseStreams";
    return fault.everyRequests === undefined ? !told.has(session) : requests % fault.everyRequests === 0;
  }

  function goAway(session: Session, fault: GoawayFault): void {
    const findLast = () => {
      const open = [...(sessions.get(session) ?? [])];
      const last = lastStreamOf(session, fault.lastStream, open);
      // No GOAWAY leaves out the first stream of a connection: it is refused instead.
      if (last < 1) for (const stream of open) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      return last;
    };
    sayGoawayAfter(session, findLast, fault);
    // What was said reaches the sender first.
    if (fault.close) setTimeout(() => cutConnection(session), CUT_AFTER_MS).unref();
  }

  function applyAtOnce(fault: ServerFault): void {
    const meet = (use: (session: Session) => void) => {
      for (const session of sessions.keys()) {
        countFault(fault.kind);
        use(session);
      }
    };
    if (fault.kind === "goaway") meet((session) => goAway(session, fault));
    else if (fault.kind === "destroy") meet(cutConnection);
    else if (fault.kind === "stall") {
      resumeReading?.();
      resumeReading = stopReading(sessions.keys());
      meet(nothing);
    } else if (fault.kind === "maxStreams") meet(nothing);
  }

  return {
    apply(fault) {
      const isMetLater = fault.kind === "goaway" && (fault.everyRequests ?? fault.connections) !== undefined;
      if (!isMetLater) applyAtOnce(fault);
      if (isMetLater) lasting.add({ ...fault, times: fault.connections ?? fault.times });
      else if (fault.kind !== "goaway" && fault.kind !== "destroy") lasting.add(fault);
    },
    list: () => lasting.list(),
    clear: () => lasting.clear(),
  };
}

const CUT_AFTER_MS = 50;

/** The last stream that a GOAWAY takes; below 1 for none. */
function lastStreamOf(
  session: Session,
  lastStream: GoawayFault["lastStream"],
  open: readonly ServerHttp2Stream[],
): number {
  const ids = open.map(({ id = 0 }) => id).sort((a, b) => a - b);
  const [first] = ids;
  if (lastStream === "received" || first === undefined) return session.state.lastProcStreamID ?? 1;
  const asked = (lastStream === "half" ? ids[Math.floor(ids.length / 2) - 1] : undefined) ?? first - 2;
  // What was answered was taken.
  return Math.max(asked, ...open.map(({ id = 0, headersSent }) => (headersSent ? id : 0)));
}

/** Puts itself before all listeners of an event: they see what `meet` makes of its subject, or nothing. */
function intercept<Subject>(server: Http2SecureServer, event: string, meet: (subject: Subject) => unknown): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (subject: Subject, ...rest: unknown[]) => {
    const met = meet(subject);
    if (met === undefined) return;
    for (const listener of listeners) Reflect.apply(listener, server, [met, ...rest]);
  });
}
