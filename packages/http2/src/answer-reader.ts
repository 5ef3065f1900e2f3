import { MALFORMED, NO_STATUS, readAnswerStatus } from "./answer-head.js";
import { ReceiveWindow } from "./flow-control.js";
import { FrameFlag, FrameType } from "./frames.js";
import { HeaderBlock } from "./header-block.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";
import type { Http2Stream } from "./http2-stream.js";
import type { Output } from "./output.js";

/** What the peer may send on all streams together, in bytes; each may send as much as every connection begins with. */
export const CONNECTION_WINDOW_BYTES = 1_048_576;

/** The streams of a connection, as a reader of answers needs them. */
export interface AnsweredStreams {
  /**
   * A stream whose answer is owed; none if it was given up, or has its answer already.
   *
   * @throws Http2ConnectionError when it was never opened.
   */
  find(id: number): Http2Stream | undefined;
  /** An answer is whole. */
  finish(stream: Http2Stream): void;
  /** An answer is not one: gives up its stream. */
  reset(stream: Http2Stream, code: number): void;
}

/** Reads answers: HEADERS, CONTINUATION and DATA (RFC 9113, sections 6.1, 6.2, 6.10 and 8.1). */
export class AnswerReader {
  private readonly streams: AnsweredStreams;
  private readonly output: Output;
  private readonly block = new HeaderBlock();
  private readonly window = new ReceiveWindow(CONNECTION_WINDOW_BYTES);

  constructor(streams: AnsweredStreams, output: Output) {
    this.streams = streams;
    this.output = output;
  }

  /** Whether a block is not at its end, so that nothing but its continuation may come. */
  get isInBlock(): boolean {
    return this.block.stream !== 0;
  }

  /** A HEADERS frame. */
  readHeaders(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    // Before anything else: a stream that was never opened is wrong whatever its block says.
    this.streams.find(id);
    const [begin, stop] = withoutPadding(flags, bytes, start, end);
    const fragment = begin + (flags & FrameFlag.PRIORITY ? 5 : 0);
    if (fragment > stop) throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "A priority is cut off.");
    if (flags & FrameFlag.END_HEADERS) this.readBlock(flags, id, bytes, fragment, stop);
    else this.block.begin(id, flags, bytes, fragment, stop);
  }

  /** A CONTINUATION frame. */
  readContinuation(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const whole = this.block.continue(id, flags, bytes, start, end);
    if (whole) this.readBlock(this.block.flags, id, whole, 0, whole.length);
  }

  /** A DATA frame. Padding counts for the windows too. */
  readData(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const stream = this.streams.find(id);
    const [begin, stop] = withoutPadding(flags, bytes, start, end);
    this.giveBack(0, this.window.take(end - start));
    // One that was given up: its data counts for the connection and is dropped.
    if (!stream) return;
    stream.takeBody(bytes, begin, stop);
    if (stream.status === 0) this.streams.reset(stream, ErrorCode.PROTOCOL_ERROR);
    else if (flags & FrameFlag.END_STREAM) this.streams.finish(stream);
    else this.giveBack(id, stream.window.take(end - start));
  }

  private giveBack(id: number, bytes: number): void {
    if (bytes > 0) this.output.addNumberFrame(FrameType.WINDOW_UPDATE, id, bytes);
  }

  private readBlock(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const status = readAnswerStatus(bytes, start, end);
    const stream = this.streams.find(id);
    if (!stream) return;
    const isEnd = (flags & FrameFlag.END_STREAM) !== 0;
    const isRight = isInOrder(stream, status, isEnd);
    if (isRight && status >= 200) stream.takeHead(status, bytes, start, end);
    if (!isRight) this.streams.reset(stream, ErrorCode.PROTOCOL_ERROR);
    else if (isEnd) this.streams.finish(stream);
  }
}

/**
 * An answer is any number of interim heads, a head, and perhaps trailers, which end it (RFC 9113, section 8.1). There is no
 * switching of protocols (section 8.6).
 */
function isInOrder(stream: Http2Stream, status: number, isEnd: boolean): boolean {
  if (status === MALFORMED) return false;
  if (stream.status !== 0) return status === NO_STATUS && isEnd;
  return status >= 200 || (status >= 100 && status !== 101 && !isEnd);
}

/** Where a frame's content begins and ends; the same array each time. */
function withoutPadding(flags: number, bytes: Buffer, start: number, end: number): readonly [number, number] {
  if ((flags & FrameFlag.PADDED) === 0) return setContent(start, end);
  const padding = start < end ? (bytes[start] as number) : Number.POSITIVE_INFINITY;
  if (start + 1 + padding > end) throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "More padding than frame.");
  return setContent(start + 1, end - padding);
}

const content: [number, number] = [0, 0];

function setContent(start: number, end: number): readonly [number, number] {
  content[0] = start;
  content[1] = end;
  return content;
}
