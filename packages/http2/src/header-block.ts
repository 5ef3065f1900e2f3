import { FrameFlag } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/** Bytes of a block at most, compressed. A peer that has more to say about an answer is not one that answers. */
const MAX_BLOCK_BYTES = 65_536;

/** CONTINUATION frames of a block at most: they may be empty (RFC 9113, section 10.5). */
const MAX_CONTINUATIONS = 64;

/** A block that is spread over HEADERS and CONTINUATION frames, between which nothing may come (RFC 9113, section 6.10). */
export class HeaderBlock {
  /** The stream whose block is not at its end; 0: none. */
  stream = 0;
  /** Flags of its HEADERS frame. */
  flags = 0;
  private pieces: Buffer[] = [];
  private bytes = 0;

  /** Begins with the fragment `bytes[start..end)` of a HEADERS frame. */
  begin(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    this.stream = stream;
    this.flags = flags;
    this.pieces = [];
    this.bytes = 0;
    this.add(bytes, start, end);
  }

  /**
   * Adds a CONTINUATION frame; returns the whole block if that was its last.
   *
   * @throws Http2ConnectionError when it continues nothing, or without end.
   */
  continue(stream: number, flags: number, bytes: Buffer, start: number, end: number): Buffer | undefined {
    if (this.stream === 0 || this.stream !== stream) {
      throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "CONTINUATION of nothing.");
    }
    if (this.pieces.length > MAX_CONTINUATIONS) {
      throw new Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "Header fields in too many frames.");
    }
    this.add(bytes, start, end);
    if ((flags & FrameFlag.END_HEADERS) === 0) return undefined;
    const block = Buffer.concat(this.pieces);
    this.pieces = [];
    this.stream = 0;
    return block;
  }

  private add(bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    if (this.bytes > MAX_BLOCK_BYTES) {
      throw new Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "Header fields without end.");
    }
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
  }
}
