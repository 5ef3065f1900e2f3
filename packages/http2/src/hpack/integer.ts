import { ErrorCode, Http2ConnectionError } from "../http2-error.js";

/** More than any length or index that is of use here. */
const MAX_INTEGER = 2 ** 28;

/** Bytes of an integer at most, its prefix apart: it may carry zeros for ever (RFC 7541, section 7.4). */
const MAX_CONTINUATION_BYTES = 5;

/** Writes an integer after the high bits of its first byte (RFC 7541, section 5.1); returns where the next byte goes. */
export function writeInteger(out: Uint8Array, offset: number, high: number, prefixBits: number, value: number): number {
  const full = (1 << prefixBits) - 1;
  if (value < full) {
    out[offset] = high | value;
    return offset + 1;
  }
  out[offset] = high | full;
  let at = offset + 1;
  let rest = value - full;
  while (rest >= 0x80) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

/** Reads integers from a block of header fields. */
export class IntegerReader {
  bytes: Buffer = Buffer.alloc(0);
  /** Where the next byte is. */
  at = 0;
  end = 0;

  /**
   * Reads an integer whose prefix has so many bits (RFC 7541, section 5.1).
   *
   * @throws Http2ConnectionError when it is cut off or too large.
   */
  readInteger(prefixBits: number): number {
    const full = (1 << prefixBits) - 1;
    let value = this.nextByte() & full;
    if (value < full) return value;
    for (let shift = 0; shift < MAX_CONTINUATION_BYTES * 7; shift += 7) {
      const byte = this.nextByte();
      value += (byte & 0x7f) * 2 ** shift;
      if (value > MAX_INTEGER) break;
      if (byte < 0x80) return value;
    }
    throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "An integer is too large.");
  }

  private nextByte(): number {
    if (this.at >= this.end) throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "A field is cut off.");
    return this.bytes[this.at++] as number;
  }
}
