import { DEFAULT_TABLE_BYTES, DynamicTable, fieldBytes } from "./dynamic-table.js";
import { writeInteger } from "./integer.js";
import { STATIC_FIELDS, staticName, staticValue } from "./static-table.js";

/** Encodes the blocks of one connection, in the order in which they are sent: they change the peer's table. */
export interface HpackEncoder {
  /** Begins a block at `offset`, with the table's size if that changed; returns where the next byte goes. */
  begin(out: Buffer, offset: number): number;
  /** Writes a field, whose texts have one byte a character; returns where the next byte goes. */
  field(out: Buffer, offset: number, name: string, value: string): number;
  /** The peer's decoder has a table of so many bytes from now on (SETTINGS_HEADER_TABLE_SIZE). */
  limitTable(maxBytes: number): void;
}

/** Bytes that `begin` writes at most. */
export const BEGIN_BYTES_AT_MOST = 12;

/** Bytes that a field takes at most. */
export function encodedBytesAtMost(name: string, value: string): number {
  return name.length + value.length + 3 * 6;
}

/** What is known of a name. */
interface Name {
  /** Its first index in the static table; 0: none. */
  staticIndex: number;
  /** The number of the newest field with it in the dynamic table; -1: none. */
  number: number;
  isNeverIndexed: boolean;
  /** Values that the static table has with it, by index. */
  staticValues: Map<string, number>;
  /** Values that the dynamic table has with it, by number. */
  values: Map<string, number>;
  /** The value that it had before. */
  lastValue: string | undefined;
}

/** The first byte of a literal field: indexing, not indexing, never to be indexed (RFC 7541, section 6.2). */
const INDEXING = 0x40;
const LITERAL = 0x00;
const NEVER_INDEXED = 0x10;

/**
 * Makes an encoder. A field enters the peer's table when its name is new there, so that one byte or two stand for the name from
 * then on, or when it has the same value twice in a row: it will have it a third time. All else is literal, so that what is
 * different each time does not push out what is not. Texts are not Huffman-coded: that would cost more than the bytes it saves.
 */
export function createHpackEncoder(neverIndexed: readonly string[] = []): HpackEncoder {
  const names = new Map<string, Name>();
  const table = new DynamicTable(DEFAULT_TABLE_BYTES, (name, value, number) => {
    const known = nameOf(name);
    if (known.values.get(value) === number) known.values.delete(value);
    if (known.number === number) known.number = -1;
  });
  // Sizes that the peer has not been told: the smallest since the last block, and the present one (RFC 7541, section 4.2).
  let smallestSize = DEFAULT_TABLE_BYTES;
  let sizeChanged = false;

  for (let index = 1; index <= STATIC_FIELDS; index++) {
    const known = nameOf(staticName(index));
    if (known.staticIndex === 0) known.staticIndex = index;
    if (staticValue(index) !== "") known.staticValues.set(staticValue(index), index);
  }
  for (const name of neverIndexed) nameOf(name).isNeverIndexed = true;

  function nameOf(name: string): Name {
    let known = names.get(name);
    if (known) return known;
    known = {
      staticIndex: 0,
      number: -1,
      isNeverIndexed: false,
      staticValues: new Map(),
      values: new Map(),
      lastValue: undefined,
    };
    names.set(name, known);
    return known;
  }

  function indexOf(number: number): number {
    return STATIC_FIELDS + table.placeOf(number);
  }

  function literal(out: Buffer, offset: number, high: number, known: Name, name: string, value: string): number {
    const prefixBits = high === INDEXING ? 6 : 4;
    let at: number;
    if (known.staticIndex > 0) at = writeInteger(out, offset, high, prefixBits, known.staticIndex);
    else if (known.number >= 0) at = writeInteger(out, offset, high, prefixBits, indexOf(known.number));
    else at = writeText(out, writeInteger(out, offset, high, prefixBits, 0), name);
    return writeText(out, at, value);
  }

  return {
    begin(out, offset) {
      if (!sizeChanged) return offset;
      let at = offset;
      if (smallestSize < table.maxBytes) at = writeInteger(out, at, 0x20, 5, smallestSize);
      at = writeInteger(out, at, 0x20, 5, table.maxBytes);
      sizeChanged = false;
      smallestSize = table.maxBytes;
      return at;
    },
    field(out, offset, name, value) {
      const known = nameOf(name);
      if (known.isNeverIndexed) return literal(out, offset, NEVER_INDEXED, known, name, value);
      const number = known.values.get(value);
      if (number !== undefined) return writeInteger(out, offset, 0x80, 7, indexOf(number));
      const staticIndex = known.staticValues.get(value);
      if (staticIndex !== undefined) return writeInteger(out, offset, 0x80, 7, staticIndex);
      const isWorthIndexing = known.lastValue === value || (known.staticIndex === 0 && known.number < 0);
      known.lastValue = value;
      // One that large would push out all others.
      if (!isWorthIndexing || fieldBytes(name, value) > table.maxBytes / 4) {
        return literal(out, offset, LITERAL, known, name, value);
      }
      const end = literal(out, offset, INDEXING, known, name, value);
      const added = table.add(name, value);
      known.number = added;
      known.values.set(value, added);
      return end;
    },
    limitTable(maxBytes) {
      const bytes = Math.min(maxBytes, DEFAULT_TABLE_BYTES);
      if (bytes === table.maxBytes) return;
      table.resize(bytes);
      smallestSize = Math.min(smallestSize, bytes);
      sizeChanged = true;
    },
  };
}

/** A shorter text is written letter by letter: the way into native code costs as much as so many letters. */
const SHORT_TEXT = 48;

/** Writes a text of one byte a character, not Huffman-coded (RFC 7541, section 5.2). */
function writeText(out: Buffer, offset: number, text: string): number {
  const at = writeInteger(out, offset, 0, 7, text.length);
  if (text.length > SHORT_TEXT) return at + out.write(text, at, "latin1");
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
  return at + text.length;
}
