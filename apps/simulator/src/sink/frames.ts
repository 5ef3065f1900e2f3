/** What a client says first (RFC 9113, section 3.4). */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Types of frames (RFC 9113, section 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; SETTINGS and PING have `ack` where others have `endStream`. */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Settings that the sink sends (RFC 9113, section 6.5.2). */
export const SETTING = { maxConcurrentStreams: 3, initialWindowSize: 4 } as const;

/** Length of a frame's header. */
export const HEADER_BYTES = 9;

/** The header of a frame (RFC 9113, section 4.1). */
export function frameHeader(payloadBytes: number, type: number, flags: number, stream: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUIntBE(payloadBytes, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return header;
}
