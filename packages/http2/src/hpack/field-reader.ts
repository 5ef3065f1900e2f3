import { ErrorCode, Http2ConnectionError } from "../http2-error.js";
import { decodeHuffman } from "./decode-huffman.js";
import { IntegerReader } from "./integer.js";
import { STATIC_FIELDS } from "./static-table.js";

/** How a field is written (RFC 7541, section 6). */
export const Representation = {
  /** A field of a table. */
  INDEXED: 0,
  /** A name of a table or of its own, a value, and the field enters the dynamic table. */
  INDEXING: 1,
  /** The same, and it does not. */
  LITERAL: 2,
  /** Not a field: the dynamic table has another size from here on. */
  TABLE_SIZE: 3,
} as const;

/** A text that was read: `bytes[start..end)`. Valid until the next field is read. */
export interface FieldText {
  bytes: Buffer;
  start: number;
  end: number;
}

/**
 * Reads the fields of a block one after another, in place: it knows the grammar of RFC 7541, section 6, and neither table. The
 * same two texts are used for each field, so that reading allocates nothing.
 */
export class FieldReader extends IntegerReader {
  representation: number = Representation.INDEXED;
  /** Of the field or its name in a table; 0: the name is a text. For a table size, the size. */
  index = 0;
  readonly nameText: FieldText = { bytes: this.bytes, start: 0, end: 0 };
  readonly valueText: FieldText = { bytes: this.bytes, start: 0, end: 0 };
  private nameScratch: Buffer = Buffer.allocUnsafeSlow(64);
  private valueScratch: Buffer = Buffer.allocUnsafeSlow(256);
  private begun = false;

  /** Begins with another block, `bytes[start..end)`. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.begun = false;
  }

  /**
   * Reads the next field; `false` at the end of the block.
   *
   * @throws Http2ConnectionError when the block is not what its grammar allows.
   */
  next(): boolean {
    if (this.at >= this.end) return false;
    const first = this.bytes[this.at] as number;
    if (first >= 0x80) this.readIndexed();
    else if (first >= 0x40) this.readLiteral(Representation.INDEXING, 6);
    else if (first >= 0x20) this.readTableSize();
    else this.readLiteral(Representation.LITERAL, 4);
    return true;
  }

  private readIndexed(): void {
    this.begun = true;
    this.representation = Representation.INDEXED;
    this.index = this.readInteger(7);
    if (this.index === 0) throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "No table has an index 0.");
  }

  private readLiteral(representation: number, prefixBits: number): void {
    this.begun = true;
    this.representation = representation;
    this.index = this.readInteger(prefixBits);
    if (this.index === 0) this.nameScratch = this.readText(this.nameText, this.nameScratch);
    this.valueScratch = this.readText(this.valueText, this.valueScratch);
  }

  // Only before the first field of a block (RFC 7541, section 4.2).
  private readTableSize(): void {
    if (this.begun) throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "A table size comes too late.");
    this.representation = Representation.TABLE_SIZE;
    this.index = this.readInteger(5);
  }

  /** Reads a text (RFC 7541, section 5.2); returns its scratch, which may have had to grow. */
  private readText(text: FieldText, scratch: Buffer): Buffer {
    const isHuffman = this.at < this.end && (this.bytes[this.at] as number) >= 0x80;
    const length = this.readInteger(7);
    const start = this.at;
    if (length > this.end - start) throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "A text is cut off.");
    this.at += length;
    text.bytes = this.bytes;
    text.start = start;
    text.end = this.at;
    if (!isHuffman) return scratch;
    const most = Math.ceil((length * 8) / 5);
    const decoded = scratch.length >= most ? scratch : Buffer.allocUnsafeSlow(most * 2);
    text.bytes = decoded;
    text.start = 0;
    text.end = decodeHuffman(this.bytes, start, this.at, decoded);
    return decoded;
  }
}

/** Whether an index is one of the dynamic table's. */
export function isDynamic(index: number): boolean {
  return index > STATIC_FIELDS;
}
