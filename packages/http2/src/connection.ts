import { MAX_HEADER_LIST_BYTES } from "./answer-head.js";
import { AnswerReader, CONNECTION_WINDOW_BYTES } from "./answer-reader.js";
import { ControlFrames } from "./control-frames.js";
import { createFrameReader, type OnFrame } from "./frame-reader.js";
import { checkFrame } from "./frame-rules.js";
import { CLIENT_PREFACE, DEFAULT_FRAME_BYTES, FrameType, readUint31, readUint32, writeUint32 } from "./frames.js";
import { ErrorCode, Http2ConnectionError, http2ErrorName } from "./http2-error.js";
import type { Http2Request, Http2Settle } from "./http2-reply.js";
import { type Http2Socket, Output } from "./output.js";
import { PeerWatch } from "./peer-watch.js";
import { RequestWriter } from "./request-writer.js";
import { DEFAULT_WINDOW_BYTES, defaultSettings, encodeSettings, SettingId } from "./settings.js";
import { StreamTable } from "./stream-table.js";

/** How a connection behaves; times in milliseconds. */
export interface Http2ConnectionOptions {
  /** From handing a request over to the end of its answer. @default 15,000 */
  requestTimeoutMs?: number;
  /** Silence after which a PING is sent. @default 60,000 */
  pingIdleMs?: number;
  /** A PING unanswered for so long: the peer is dead. @default 5,000 */
  pingTimeoutMs?: number;
  /** How long it waits for the answers that are owed once it takes no more requests. @default as long as a request may take */
  drainTimeoutMs?: number;
  /** Requests in flight at most, whatever more the peer allows. @default 1,000 */
  maxStreams?: number;
  /** The id of the first stream, an odd number. @default 1 @internal so that a test can use up the ids */
  firstStream?: number;
}

/** What a connection tells its owner. */
export interface Http2ConnectionEvents {
  /** `freeStreams` grew, or `state` changed: once for all that came at once. */
  onChange(): void;
  /** The peer said GOAWAY (RFC 9113, section 6.8). */
  onGoaway?(goaway: { errorCode: number; debugData: Buffer }): void;
  /** Nothing more comes of it, told once: why, and how many requests it leaves without an answer. */
  onEnd?(end: { reason: string; inFlight: number }): void;
}

const TICK_MS = 250;
const PING_DATA = Buffer.alloc(8);

/** How long a peer is given to take the GOAWAY that ends a connection, in milliseconds. */
const LINGER_MS = 1_000;

/** So much that is not written yet is enough: a peer that does not read gets no more requests. */
const MAX_WAITING_BYTES = 1_048_576;

/** One HTTP/2 connection of a client (RFC 9113): requests in, replies out. Nothing that the peer does makes it throw. */
export class Http2Connection {
  private readonly socket: Http2Socket;
  private readonly events: Http2ConnectionEvents;
  private readonly options: Required<Http2ConnectionOptions>;
  private readonly peer = defaultSettings();
  private readonly output: Output;
  private readonly writer: RequestWriter;
  private readonly streams: StreamTable;
  private readonly control: ControlFrames;
  private readonly answers: AnswerReader;
  private readonly watch: PeerWatch;
  private readonly readFrames: (chunk: Buffer) => void;
  private readonly whenClosed: Promise<void>;
  private onReady: (() => void) | undefined;
  private phase: "open" | "draining" | "closed" = "open";
  /** Whether something is to be told to the owner. */
  private hasChanged = false;
  /** Nothing is read or written any more. */
  private isOver = false;
  private socketError: string | undefined;
  /** When what is left is given up. */
  private endsAt = Number.POSITIVE_INFINITY;

  /** Takes over a socket on which TLS is done; `onReady` is told when the peer's SETTINGS are read. */
  constructor(
    socket: Http2Socket,
    authority: string,
    { requestTimeoutMs = 15_000, pingIdleMs = 60_000, pingTimeoutMs = 5_000, ...options }: Http2ConnectionOptions,
    events: Http2ConnectionEvents,
    onReady: () => void,
  ) {
    const { drainTimeoutMs = requestTimeoutMs, maxStreams = 1_000, firstStream = 1 } = options;
    this.socket = socket;
    this.events = events;
    this.onReady = onReady;
    this.options = { requestTimeoutMs, pingIdleMs, pingTimeoutMs, drainTimeoutMs, maxStreams, firstStream };
    this.output = new Output(socket, { onWrite: (bytes) => this.onWrite(bytes) });
    this.writer = new RequestWriter(this.output, authority, this.peer);
    this.streams = new StreamTable(this.output, this.writer, firstStream);
    this.answers = new AnswerReader(this.streams, this.output);
    this.watch = new PeerWatch(this.options);
    const { peer, output, writer, streams } = this;
    this.control = new ControlFrames({ peer, output, writer, streams });
    this.readFrames = createFrameReader(DEFAULT_FRAME_BYTES, this.onFrame);
    this.greet();
    // After the sockets were read: answers that came while the process was busy are here, not late.
    const timer = setInterval(() => setImmediate(() => this.check(performance.now())), TICK_MS);
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    // `close` follows.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.socketError = error.code ?? error.name;
    });
    this.whenClosed = new Promise((resolve) => {
      socket.once("close", () => {
        clearInterval(timer);
        this.onClosed();
        resolve();
      });
    });
  }

  /** `open` takes requests; `draining` takes no more and still answers what it has; `closed` is gone. */
  get state(): "open" | "draining" | "closed" {
    return this.phase;
  }

  /** Requests that wait for their reply. */
  get pending(): number {
    return this.streams.size;
  }

  /** Requests that it takes right now; 0 unless `open`. */
  get freeStreams(): number {
    if (this.phase !== "open") return 0;
    if (this.output.length > MAX_WAITING_BYTES) return 0;
    return Math.max(0, Math.min(this.options.maxStreams, this.peer.maxConcurrentStreams) - this.streams.size);
  }

  /** Sends a request, within this turn of the event loop; never throws. More than `freeStreams` are not processed. */
  send(request: Http2Request, settle: Http2Settle): void {
    if (this.freeStreams === 0) {
      settle({ kind: "not-processed", code: "NO_FREE_STREAM" });
      return;
    }
    // Once: they may be made by reading them.
    const { path, headers, body } = request;
    const illegal = this.writer.illegalField(path, headers);
    if (illegal === undefined) this.open(path, headers, body, settle);
    else settle({ kind: "illegal", field: illegal });
  }

  private open(path: string, headers: Http2Request["headers"], body: Uint8Array, settle: Http2Settle): void {
    const deadline = performance.now() + this.options.requestTimeoutMs;
    const stream = this.streams.open(deadline, this.peer.initialWindowBytes, settle);
    this.writer.write(stream, path, headers, body);
    if (!this.streams.isUsedUp) return;
    this.drain();
    this.tell();
  }

  /** Takes no more requests, waits for the pending ones until the drain deadline at most, and closes the connection. */
  close(): Promise<void> {
    this.drain();
    this.endIfDrained();
    this.tell();
    return this.whenClosed;
  }

  /** Closes the connection now; what is pending settles as unknown, or as not processed if it was not written yet. */
  destroy(why = "DESTROYED"): void {
    this.end("CONNECTION_LOST", why);
    this.socket.destroy();
    this.tell();
  }

  private greet(): void {
    const { output } = this;
    output.addRaw(Buffer.from(CLIENT_PREFACE));
    const settings = encodeSettings([
      // So that answers come without a table, and their fields need not be read in order or at all.
      [SettingId.HEADER_TABLE_SIZE, 0],
      [SettingId.ENABLE_PUSH, 0],
      [SettingId.MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST_BYTES],
    ]);
    output.addFrame(FrameType.SETTINGS, 0, 0, settings);
    output.addNumberFrame(FrameType.WINDOW_UPDATE, 0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
  }

  private receive(chunk: Buffer): void {
    if (this.isOver) return;
    this.watch.hear(performance.now());
    try {
      this.readFrames(chunk);
      this.writer.writeBlocked();
    } catch (error) {
      if (!(error instanceof Http2ConnectionError)) throw error;
      this.fail(error.code);
    }
    this.endIfDrained();
    this.tell();
  }

  private readonly onFrame: OnFrame = (type, flags, stream, bytes, start, end) => {
    checkFrame(type, stream, end - start);
    if (this.answers.isInBlock && type !== FrameType.CONTINUATION) breach("A block is not continued.");
    if (this.onReady && type !== FrameType.SETTINGS) breach("A server says its SETTINGS first.");
    if (type === FrameType.DATA) this.answers.readData(flags, stream, bytes, start, end);
    else if (type === FrameType.HEADERS) this.answers.readHeaders(flags, stream, bytes, start, end);
    else if (type === FrameType.CONTINUATION) this.answers.readContinuation(flags, stream, bytes, start, end);
    else if (type === FrameType.WINDOW_UPDATE) this.control.readWindowUpdate(stream, bytes, start);
    else if (type === FrameType.RST_STREAM) this.streams.resetByPeer(stream, readUint32(bytes, start));
    else if (type === FrameType.SETTINGS) this.readSettings(flags, bytes, start, end);
    else if (type === FrameType.PING) this.control.readPing(flags, bytes, start, end);
    else if (type === FrameType.GOAWAY) this.readGoaway(bytes, start, end);
    else if (type === FrameType.PRIORITY) this.streams.checkPriority(stream, end - start);
    else if (type === FrameType.PUSH_PROMISE) breach("Pushes were forbidden.");
    return !this.isOver;
  };

  private readSettings(flags: number, bytes: Buffer, start: number, end: number): void {
    const hasSettings = this.control.readSettings(flags, bytes, start, end);
    if (!hasSettings && this.onReady) breach("A server says its SETTINGS first.");
    this.hasChanged = true;
    this.onReady?.();
    this.onReady = undefined;
  }

  private readGoaway(bytes: Buffer, start: number, end: number): void {
    const errorCode = readUint32(bytes, start + 4);
    this.events.onGoaway?.({ errorCode, debugData: Buffer.from(bytes.subarray(start + 8, end)) });
    this.drain();
    this.streams.limitTo(readUint31(bytes, start));
    // It has said what it had to say: nothing more comes of a connection in error.
    if (errorCode !== ErrorCode.NO_ERROR) this.endPolitely(ErrorCode.NO_ERROR, http2ErrorName(errorCode));
  }

  private onWrite(bytes: number): void {
    this.streams.markWritten();
    if (bytes <= MAX_WAITING_BYTES) return;
    this.hasChanged = true;
    this.tell();
  }

  private check(now: number): void {
    if (this.phase === "closed") return;
    this.streams.expire(now);
    const verdict = this.isOver ? "wait" : this.watch.check(now, this.streams.size > 0);
    if (verdict === "give up") this.destroy("PING_TIMEOUT");
    else if (now > this.endsAt) this.destroy("DRAIN_TIMEOUT");
    else if (verdict === "ping") this.output.addFrame(FrameType.PING, 0, 0, PING_DATA);
    this.endIfDrained();
    this.tell();
  }

  /** The peer broke the protocol: tells it, and ends (RFC 9113, section 5.4.1). */
  private fail(code: number): void {
    this.endPolitely(code, http2ErrorName(code));
  }

  private endIfDrained(): void {
    if (this.phase === "draining" && this.streams.size === 0) this.endPolitely(ErrorCode.NO_ERROR, "DRAINED");
  }

  /** Says GOAWAY as the last thing, and ends. */
  private endPolitely(code: number, reason: string): void {
    if (this.isOver) return;
    this.end(reason);
    const payload = Buffer.alloc(8);
    writeUint32(payload, 4, code);
    this.output.addFrame(FrameType.GOAWAY, 0, 0, payload);
    this.output.close();
    this.endsAt = Math.min(this.endsAt, performance.now() + LINGER_MS);
  }

  private end(reason: string, why = reason): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.onEnd?.({ reason: why, inFlight: this.streams.size });
    this.drain();
    // What is told as not processed must not be written after all.
    this.output.drop();
    this.streams.endAll(reason);
  }

  private drain(): void {
    if (this.phase !== "open") return;
    this.phase = "draining";
    this.endsAt = performance.now() + this.options.drainTimeoutMs;
    this.hasChanged = true;
  }

  private onClosed(): void {
    this.end("CONNECTION_LOST", this.socketError ?? "CONNECTION_CLOSED");
    this.phase = "closed";
    this.hasChanged = true;
    this.tell();
  }

  private tell(): void {
    if (!this.hasChanged && !this.streams.hasSettled) return;
    this.hasChanged = false;
    this.streams.hasSettled = false;
    this.events.onChange();
  }
}

function breach(message: string): never {
  throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
