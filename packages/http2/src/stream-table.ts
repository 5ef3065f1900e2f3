import type { AnsweredStreams } from "./answer-reader.js";
import { FrameType, MAX_31_BIT } from "./frames.js";
import { ErrorCode, Http2ConnectionError, http2ErrorName } from "./http2-error.js";
import type { Http2Reply, Http2Settle } from "./http2-reply.js";
import { Http2Stream } from "./http2-stream.js";
import type { Output } from "./output.js";
import type { RequestWriter } from "./request-writer.js";

/** The streams of a connection that wait for their answers; each is settled exactly once (RFC 9113, section 5.1). */
export class StreamTable implements AnsweredStreams {
  /** By id. They are opened in this order, with the same time each: it is the order of their deadlines too. */
  private readonly streams = new Map<number, Http2Stream>();
  private readonly output: Output;
  private readonly writer: RequestWriter;
  private next: number;
  /** The last one whose HEADERS the socket was given. */
  private lastWritten = 0;
  /** The last one that the peer may process. */
  private lastProcessed = MAX_31_BIT;
  /** Whether any was settled since this was last set to `false`. */
  hasSettled = false;

  constructor(output: Output, writer: RequestWriter, first: number) {
    this.output = output;
    this.writer = writer;
    this.next = first;
  }

  /** How many wait for their answers. */
  get size(): number {
    return this.streams.size;
  }

  /** Whether there is no id left for another one (RFC 9113, section 5.1.1). */
  get isUsedUp(): boolean {
    return this.next > MAX_31_BIT;
  }

  /** Opens one. */
  open(deadline: number, sendWindowBytes: number, settle: Http2Settle): Http2Stream {
    const stream = new Http2Stream(this.next, deadline, sendWindowBytes, settle);
    this.streams.set(stream.id, stream);
    this.next += 2;
    return stream;
  }

  /** What was opened until now is handed to the socket. */
  markWritten(): void {
    this.lastWritten = this.next - 2;
  }

  find(id: number): Http2Stream | undefined {
    // The peer's own have even numbers, and it may open none.
    if (id > this.lastWritten || id % 2 === 0) {
      throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, `Stream ${id} was never opened.`);
    }
    return this.streams.get(id);
  }

  /** Each stream that waits for its answer. */
  [Symbol.iterator](): Iterator<Http2Stream> {
    return this.streams.values();
  }

  finish(stream: Http2Stream): void {
    // The rest of the request is not needed any more, and the peer waits for it.
    if (stream.unsent) this.output.addNumberFrame(FrameType.RST_STREAM, stream.id, ErrorCode.CANCEL);
    this.settle(stream, { kind: "unknown", code: "INTERNAL_ERROR" });
  }

  reset(stream: Http2Stream, code: number): void {
    this.output.addNumberFrame(FrameType.RST_STREAM, stream.id, code);
    this.settle(stream, this.lost(stream, http2ErrorName(code)));
  }

  /** The peer gave a stream up. */
  resetByPeer(id: number, code: number): void {
    const stream = this.find(id);
    if (!stream) return;
    const name = http2ErrorName(code);
    const isRefused = code === ErrorCode.REFUSED_STREAM;
    this.settle(stream, isRefused ? { kind: "not-processed", code: name } : this.lost(stream, name));
  }

  /** A priority, which means nothing any more, has five bytes all the same (RFC 9113, section 6.3). */
  checkPriority(id: number, payloadBytes: number): void {
    const stream = this.streams.get(id);
    if (stream && payloadBytes !== 5) this.reset(stream, ErrorCode.FRAME_SIZE_ERROR);
  }

  /** Gives up those whose time is over. */
  expire(now: number): void {
    for (const stream of this.streams.values()) {
      if (stream.deadline > now) return;
      this.output.addNumberFrame(FrameType.RST_STREAM, stream.id, ErrorCode.CANCEL);
      this.settle(stream, this.lost(stream, "TIMEOUT"));
    }
  }

  /** The peer processes nothing above `last`; a later word of it may only take streams away (RFC 9113, section 6.8). */
  limitTo(last: number): void {
    this.lastProcessed = Math.min(this.lastProcessed, last);
    for (const stream of this.streams.values()) {
      if (stream.id > this.lastProcessed) this.settle(stream, this.lost(stream, "GOAWAY"));
    }
  }

  /** The connection is at its end, and what waits to be written never will be. */
  endAll(code: string): void {
    this.lastProcessed = Math.min(this.lastProcessed, this.lastWritten);
    for (const stream of this.streams.values()) this.settle(stream, this.lost(stream, code));
  }

  /** What is said of one that got no answer. */
  private lost({ id }: Http2Stream, code: string): Http2Reply {
    return { kind: id > this.lastProcessed ? "not-processed" : "unknown", code };
  }

  private settle(stream: Http2Stream, reply: Http2Reply): void {
    if (!this.streams.delete(stream.id)) return;
    this.writer.abandon(stream);
    this.hasSettled = true;
    stream.settle(reply);
  }
}
