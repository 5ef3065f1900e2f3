import { isFieldName, isFieldValue, isPath } from "./field-rules.js";
import { grownWindow } from "./flow-control.js";
import { FRAME_HEAD_BYTES, FrameFlag, FrameType, MAX_31_BIT, writeFrameHead } from "./frames.js";
import { BEGIN_BYTES_AT_MOST, createHpackEncoder, encodedBytesAtMost } from "./hpack/encoder.js";
import type { Http2Request } from "./http2-reply.js";
import type { Http2Stream } from "./http2-stream.js";
import type { Output } from "./output.js";
import { DEFAULT_WINDOW_BYTES, type PeerSettings } from "./settings.js";

/** Enter no table: what an attacker might guess by the size of what is sent, and what differs each time (RFC 7541, section 7.1). */
const NEVER_INDEXED = [":path", "authorization"];

/** Writes requests as HEADERS, CONTINUATION and DATA, as far as the peer's windows let them (RFC 9113, sections 6.9 and 8.1). */
export class RequestWriter {
  private readonly output: Output;
  private readonly authority: string;
  private readonly peer: PeerSettings;
  private readonly encoder = createHpackEncoder(NEVER_INDEXED);
  /** The last value of each name that was found to be right. */
  private readonly checked = new Map<string, string>();
  private readonly blocked = new Set<Http2Stream>();
  private windowBytes = DEFAULT_WINDOW_BYTES;
  private windowsGrew = false;

  constructor(output: Output, authority: string, peer: PeerSettings) {
    this.output = output;
    this.authority = authority;
    this.peer = peer;
  }

  /** The first of a request's fields that may not be sent, as `illegalFieldOf` has it; asked before each request is written. */
  illegalField(path: string, headers: Http2Request["headers"]): string | undefined {
    if (!isPath(path)) return ":path";
    for (const name in headers) {
      const value = headers[name] as string;
      const before = this.checked.get(name);
      if (before === value) continue;
      if ((before === undefined && !isFieldName(name)) || !isFieldValue(value)) return name;
      this.checked.set(name, value);
    }
    return undefined;
  }

  /** Writes a request on its stream; what of its body has no room in the windows follows when they grow. */
  write(stream: Http2Stream, path: string, headers: Http2Request["headers"], body: Uint8Array): void {
    const { output, encoder } = this;
    output.reserve(FRAME_HEAD_BYTES + this.blockBytesAtMost(path, headers));
    const { bytes, length: begin } = output;
    const start = begin + FRAME_HEAD_BYTES;
    let at = encoder.begin(bytes, start);
    at = encoder.field(bytes, at, ":method", "POST");
    at = encoder.field(bytes, at, ":scheme", "https");
    at = encoder.field(bytes, at, ":authority", this.authority);
    at = encoder.field(bytes, at, ":path", path);
    for (const name in headers) at = encoder.field(bytes, at, name, headers[name] as string);
    const streamFlags = body.length === 0 ? FrameFlag.END_STREAM : 0;
    if (at - start > this.peer.maxFrameBytes) {
      this.writeInPieces(Buffer.from(bytes.subarray(start, at)), streamFlags, stream.id);
    } else {
      writeFrameHead(bytes, begin, at - start, FrameType.HEADERS, streamFlags | FrameFlag.END_HEADERS, stream.id);
      output.length = at;
    }
    if (body.length === 0) return;
    stream.unsent = body;
    if (!this.writeBody(stream)) this.blocked.add(stream);
  }

  /** Does not write any more of a request. */
  abandon(stream: Http2Stream): void {
    if (stream.unsent === undefined) return;
    stream.unsent = undefined;
    this.blocked.delete(stream);
  }

  /** The peer has a table of so many bytes. */
  limitTable(bytes: number): void {
    this.encoder.limitTable(bytes);
  }

  /** The peer lets the connection send more. */
  growWindow(by: number): void {
    this.windowBytes = grownWindow(this.windowBytes, by);
    this.windowsGrew = true;
  }

  /** Whether a stream's window stays one that is allowed. */
  canGrow(stream: Http2Stream, by: number): boolean {
    return stream.sendWindowBytes + by <= MAX_31_BIT;
  }

  /** The peer lets a stream send more, or less. */
  growStreamWindow(stream: Http2Stream, by: number): void {
    stream.sendWindowBytes = grownWindow(stream.sendWindowBytes, by);
    this.windowsGrew = true;
  }

  /** Writes what windows that grew have room for. */
  writeBlocked(): void {
    if (!this.windowsGrew) return;
    this.windowsGrew = false;
    for (const stream of this.blocked) {
      if (this.windowBytes <= 0) return;
      if (this.writeBody(stream)) this.blocked.delete(stream);
    }
  }

  /** Writes what the windows have room for; says whether that was all. */
  private writeBody(stream: Http2Stream): boolean {
    const { output } = this;
    let rest = stream.unsent as Uint8Array;
    while (rest.length > 0) {
      const size = Math.min(rest.length, this.windowBytes, stream.sendWindowBytes, this.peer.maxFrameBytes);
      if (size <= 0) {
        stream.unsent = rest;
        return false;
      }
      const isLast = size === rest.length;
      output.reserve(FRAME_HEAD_BYTES + size);
      const flags = isLast ? FrameFlag.END_STREAM : 0;
      const at = writeFrameHead(output.bytes, output.length, size, FrameType.DATA, flags, stream.id);
      output.bytes.set(isLast ? rest : rest.subarray(0, size), at);
      output.length = at + size;
      this.windowBytes -= size;
      stream.sendWindowBytes -= size;
      if (isLast) break;
      rest = rest.subarray(size);
    }
    stream.unsent = undefined;
    return true;
  }

  private blockBytesAtMost(path: string, headers: Http2Request["headers"]): number {
    // The names of the pseudo-fields are known to all, two of their values too.
    let bytes = BEGIN_BYTES_AT_MOST + 2 + encodedBytesAtMost("", this.authority) + encodedBytesAtMost("", path);
    for (const name in headers) bytes += encodedBytesAtMost(name, headers[name] as string);
    return bytes;
  }

  private writeInPieces(block: Buffer, streamFlags: number, stream: number): void {
    const { maxFrameBytes } = this.peer;
    for (let at = 0; at < block.length; at += maxFrameBytes) {
      const end = Math.min(block.length, at + maxFrameBytes);
      const endFlag = end === block.length ? FrameFlag.END_HEADERS : 0;
      const [type, flags] = at === 0 ? [FrameType.HEADERS, streamFlags | endFlag] : [FrameType.CONTINUATION, endFlag];
      this.output.addFrame(type, flags, stream, block.subarray(at, end));
    }
  }
}
