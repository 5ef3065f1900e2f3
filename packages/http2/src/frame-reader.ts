import { FRAME_HEAD_BYTES, readUint31 } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/**
 * Gets a frame whose payload is `bytes[start..end)`. Those bytes are valid during the call only.
 *
 * @returns whether to go on: after `false` no more is read.
 */
export type OnFrame = (
  type: number,
  flags: number,
  stream: number,
  bytes: Buffer,
  start: number,
  end: number,
) => boolean;

/**
 * Makes a function that takes bytes as they come and hands over whole frames, in place: only a frame that two chunks share is
 * copied.
 *
 * @throws Http2ConnectionError for a frame larger than allowed (RFC 9113, section 4.2).
 */
export function createFrameReader(maxPayloadBytes: number, onFrame: OnFrame): (chunk: Buffer) => void {
  const rest = Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + maxPayloadBytes);
  let restBytes = 0;

  const frameBytes = (bytes: Buffer, at: number): number => {
    const [high, middle, low] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number];
    const payloadBytes = (high << 16) | (middle << 8) | low;
    if (payloadBytes > maxPayloadBytes) {
      throw new Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `A frame of ${payloadBytes} bytes is too large.`);
    }
    return FRAME_HEAD_BYTES + payloadBytes;
  };

  const handOver = (bytes: Buffer, at: number, end: number): boolean =>
    onFrame(
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      readUint31(bytes, at + 5),
      bytes,
      at + FRAME_HEAD_BYTES,
      end,
    );

  /** Adds to the frame that has begun until it is `wanted` long; says how much of the chunk that took. */
  const fill = (chunk: Buffer, at: number, wanted: number): number => {
    const taken = Math.min(wanted - restBytes, chunk.length - at);
    chunk.copy(rest, restBytes, at, at + taken);
    restBytes += taken;
    return at + taken;
  };

  return (chunk) => {
    let at = 0;
    if (restBytes > 0) {
      if (restBytes < FRAME_HEAD_BYTES) at = fill(chunk, at, FRAME_HEAD_BYTES);
      if (restBytes < FRAME_HEAD_BYTES) return;
      const wanted = frameBytes(rest, 0);
      at = fill(chunk, at, wanted);
      if (restBytes < wanted) return;
      restBytes = 0;
      if (!handOver(rest, 0, wanted)) return;
    }
    while (chunk.length - at >= FRAME_HEAD_BYTES) {
      const end = at + frameBytes(chunk, at);
      if (end > chunk.length) break;
      if (!handOver(chunk, at, end)) return;
      at = end;
    }
    fill(chunk, at, rest.length);
  };
}
