/** Types of frames (RFC 9113, section 6). */
export const FrameType = {
  ...{ DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7, WINDOW_UPDATE: 8, CONTINUATION: 9 },
} as const;

/** Flags of frames; which frame has which is in RFC 9113, section 6. */
export const FrameFlag = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8 } as const;

/** Identifiers of settings (RFC 9113, section 6.5.2). */
export const Setting = { MAX_CONCURRENT_STREAMS: 3, INITIAL_WINDOW_SIZE: 4 } as const;

/** A frame that was read. */
export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

/** A header field. */
export type HeaderField = readonly [name: string, value: string];

const HEAD_BYTES = 9;

/** A frame as bytes (RFC 9113, section 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields as literals without indexing, names and values uncompressed (RFC 7541, section 6.2.2). */
export function headerBlock(fields: readonly HeaderField[]): Buffer {
  const text = (value: string) => {
    if (value.length > 126) throw new Error("Longer texts need an integer of several bytes.");
    return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  };
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** Makes a function that takes bytes as they come and hands over whole frames. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES) {
      const length = rest.readUIntBE(0, 3);
      if (rest.length < HEAD_BYTES + length) return;
      const payload = rest.subarray(HEAD_BYTES, HEAD_BYTES + length);
      const [type, flags] = [rest.readUInt8(3), rest.readUInt8(4)];
      const stream = rest.readUInt32BE(5) & 0x7fffffff;
      rest = rest.subarray(HEAD_BYTES + length);
      onFrame({ type, flags, stream, payload });
    }
  };
}
