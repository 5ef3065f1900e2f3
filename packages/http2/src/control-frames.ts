import { FrameFlag, FrameType, readUint31 } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";
import type { Output } from "./output.js";
import type { RequestWriter } from "./request-writer.js";
import { applySettings, type PeerSettings } from "./settings.js";
import type { StreamTable } from "./stream-table.js";

const NOTHING = Buffer.alloc(0);

/** What the frames about a connection act on. */
export interface ControlledParts {
  peer: PeerSettings;
  output: Output;
  writer: RequestWriter;
  streams: StreamTable;
}

/** Heeds SETTINGS, PING and WINDOW_UPDATE (RFC 9113, sections 6.5, 6.7 and 6.9). */
export class ControlFrames {
  private readonly parts: ControlledParts;
  /** Our SETTINGS that the peer has not acknowledged. */
  private unacknowledged = 1;

  constructor(parts: ControlledParts) {
    this.parts = parts;
  }

  /** A SETTINGS frame; says whether it had settings. */
  readSettings(flags: number, bytes: Buffer, start: number, end: number): boolean {
    if (flags & FrameFlag.ACK) {
      this.readAcknowledgement(end - start);
      return false;
    }
    const { peer, output, writer, streams } = this.parts;
    const { initialWindowBytes, headerTableBytes } = peer;
    applySettings(peer, bytes, start, end);
    const grown = peer.initialWindowBytes - initialWindowBytes;
    if (grown !== 0) for (const stream of streams) writer.growStreamWindow(stream, grown);
    if (peer.headerTableBytes !== headerTableBytes) writer.limitTable(peer.headerTableBytes);
    output.addAnswer(FrameType.SETTINGS, FrameFlag.ACK, NOTHING);
    return true;
  }

  private readAcknowledgement(payloadBytes: number): void {
    if (payloadBytes > 0) throw new Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "An ACK that says more.");
    if (--this.unacknowledged < 0) throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "An ACK of nothing.");
  }

  /** A PING frame. */
  readPing(flags: number, bytes: Buffer, start: number, end: number): void {
    // That something came is what an answer says, and was noticed with its first byte.
    if (flags & FrameFlag.ACK) return;
    this.parts.output.addAnswer(FrameType.PING, FrameFlag.ACK, bytes.subarray(start, end));
  }

  /** A WINDOW_UPDATE frame. */
  readWindowUpdate(id: number, bytes: Buffer, start: number): void {
    const { writer, streams } = this.parts;
    const by = readUint31(bytes, start);
    const stream = id === 0 ? undefined : streams.find(id);
    if (id === 0) {
      if (by === 0) throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "A window that grows by nothing.");
      writer.growWindow(by);
    } else if (stream) {
      this.growStream(stream, by);
    }
  }

  // What is wrong with one stream's window ends that stream only (RFC 9113, sections 6.9 and 6.9.1).
  private growStream(stream: Parameters<RequestWriter["growStreamWindow"]>[0], by: number): void {
    const { writer, streams } = this.parts;
    if (by === 0) streams.reset(stream, ErrorCode.PROTOCOL_ERROR);
    else if (!writer.canGrow(stream, by)) streams.reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    else writer.growStreamWindow(stream, by);
  }
}
