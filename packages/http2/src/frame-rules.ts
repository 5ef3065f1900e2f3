import { FrameType } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/** What a frame must be, by its type (RFC 9113, section 6). */
const RULES: { isOfStream?: boolean; bytes?: number; atLeastBytes?: number }[] = [];
RULES[FrameType.DATA] = { isOfStream: true };
RULES[FrameType.HEADERS] = { isOfStream: true };
RULES[FrameType.PRIORITY] = { isOfStream: true };
RULES[FrameType.RST_STREAM] = { isOfStream: true, bytes: 4 };
RULES[FrameType.SETTINGS] = { isOfStream: false };
RULES[FrameType.PING] = { isOfStream: false, bytes: 8 };
RULES[FrameType.GOAWAY] = { isOfStream: false, atLeastBytes: 8 };
RULES[FrameType.WINDOW_UPDATE] = { bytes: 4 };
RULES[FrameType.CONTINUATION] = { isOfStream: true };

/**
 * Checks that a frame is about a stream or about the connection, as its type wants, and as long. Types that nobody knows may be
 * anything (RFC 9113, section 5.5).
 *
 * @throws Http2ConnectionError if not.
 */
export function checkFrame(type: number, stream: number, payloadBytes: number): void {
  const rule = RULES[type];
  if (!rule) return;
  if (rule.isOfStream !== undefined && rule.isOfStream !== stream > 0) {
    throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, `A frame of type ${type} on stream ${stream}.`);
  }
  const isRight = rule.bytes === undefined ? payloadBytes >= (rule.atLeastBytes ?? 0) : payloadBytes === rule.bytes;
  if (!isRight) {
    throw new Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `A frame of type ${type} and ${payloadBytes} bytes.`);
  }
}
