/** Types of frames (RFC 9113, section 6). */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Flags of frames; which frame has which is in RFC 9113, section 6. */
export const FrameFlag = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

/** What a client says first (RFC 9113, section 3.4). */
export const CLIENT_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Bytes before a frame's payload: length, type, flags, stream (RFC 9113, section 4.1). */
export const FRAME_HEAD_BYTES = 9;

/** Bytes of a payload that every peer takes, and that this side takes at most (RFC 9113, section 4.2). */
export const DEFAULT_FRAME_BYTES = 16_384;

/** The largest stream id and the largest window (RFC 9113, sections 5.1.1 and 6.9.1). */
export const MAX_31_BIT = 2 ** 31 - 1;

/** Writes a frame's head; returns where its payload begins. */
export function writeFrameHead(
  out: Uint8Array,
  offset: number,
  payloadBytes: number,
  type: number,
  flags: number,
  stream: number,
): number {
  out[offset] = payloadBytes >>> 16;
  out[offset + 1] = payloadBytes >>> 8;
  out[offset + 2] = payloadBytes;
  out[offset + 3] = type;
  out[offset + 4] = flags;
  return writeUint32(out, offset + 5, stream);
}

/** Writes a number of four bytes; returns where the next byte goes. */
export function writeUint32(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 24;
  out[offset + 1] = value >>> 16;
  out[offset + 2] = value >>> 8;
  out[offset + 3] = value;
  return offset + 4;
}

/** Reads a number of four bytes. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return readUint31(bytes, offset) + ((bytes[offset] as number) >= 0x80 ? 0x8000_0000 : 0);
}

/** Reads a number of 31 bits, whose first bit is reserved and of no meaning. */
export function readUint31(bytes: Uint8Array, offset: number): number {
  const [first, second] = [bytes[offset] as number, bytes[offset + 1] as number];
  return ((first & 0x7f) << 24) | (second << 16) | ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
}
