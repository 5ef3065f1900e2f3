import { decodeHuffman } from "./huffman.js";

/** What the sink reads of a request's headers. */
export interface RequestHead {
  path: string;
  apnsId: string | undefined;
}

/** Decodes the header blocks of one connection, in their order: they share a dynamic table. */
export interface HeaderDecoder {
  /** @throws Error when it is no header block, which is a connection error. */
  decode(block: Buffer): RequestHead;
}

/** Names of the static table, from index 1 on (RFC 7541, appendix A). */
const STATIC_NAMES = [
  ":authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status :status",
  "accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow",
  "authorization cache-control content-disposition content-encoding content-language content-length",
  "content-location content-range content-type cookie date etag expect expires from host if-match",
  "if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards",
  "proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie",
  "strict-transport-security transfer-encoding user-agent vary via www-authenticate",
].flatMap((line) => line.split(" "));

/** The values of the static table that the sink looks at. */
const STATIC_PATHS: Readonly<Record<number, string>> = { 4: "/", 5: "/index.html" };

/** What an entry counts besides its name and value (RFC 7541, section 4.1). */
const ENTRY_OVERHEAD = 32;

/** The size of the dynamic table that a peer may count on without being told (RFC 9113, section 6.5.2). */
const TABLE_MAX = 4_096;

interface Field {
  name: string;
  /** Empty where nobody looks at it. */
  value: string;
  size: number;
}

const isRead = (name: string) => name === ":path" || name === "apns-id";

/**
 * Makes a decoder (RFC 7541) that makes strings only of what is looked at. It shares nothing with the encoder of Fanfare's own
 * client, so that a mistake of one is not made by the other too.
 */
export function createHeaderDecoder(): HeaderDecoder {
  // The newest is the last, so that adding one moves nothing.
  let table: Field[] = [];
  let tableSize = 0;
  let tableMax = TABLE_MAX;
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;

  function readByte(): number {
    const value = bytes[at++];
    if (value === undefined) throw new Error("A header block is cut off.");
    return value;
  }

  function readInteger(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = readByte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const next = readByte();
      value += (next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    throw new Error("An integer is too large.");
  }

  /** Reads a string, and makes one of it if it is wanted; else it is passed over. */
  function readString(wanted: boolean): string {
    const isHuffman = ((bytes[at] ?? 0) & 0x80) !== 0;
    const length = readInteger(7);
    const end = at + length;
    const raw = bytes.subarray(at, end);
    if (end > bytes.length) throw new Error("A header block is cut off.");
    at = end;
    if (!wanted) return "";
    return isHuffman ? decodeHuffman(raw) : raw.toString("latin1");
  }

  function fieldAt(index: number): Field {
    const name = STATIC_NAMES[index - 1];
    if (name !== undefined) return { name, value: STATIC_PATHS[index] ?? "", size: 0 };
    const field = table[table.length + STATIC_NAMES.length - index];
    if (!field || index === 0) throw new Error("A header has an index that the tables do not reach.");
    return field;
  }

  function readLiteral(indexBits: number, entersTable: boolean): Field {
    const index = readInteger(indexBits);
    const name = index === 0 ? readString(true) : nameAt(index);
    // How much an entry counts is known only from what it says.
    const value = readString(entersTable || isRead(name));
    return { name, value, size: name.length + value.length + ENTRY_OVERHEAD };
  }

  const nameAt = (index: number) => STATIC_NAMES[index - 1] ?? fieldAt(index).name;

  function enter(field: Field): Field {
    table.push(field);
    tableSize += field.size;
    evict();
    return field;
  }

  function evict(): void {
    let gone = 0;
    while (tableSize > tableMax) tableSize -= (table[gone++] as Field).size;
    if (gone > 0) table = table.slice(gone);
  }

  function resize(to: number): void {
    if (to > TABLE_MAX) throw new Error("The table would be larger than agreed.");
    tableMax = to;
    evict();
  }

  function readField(first: number): Field | undefined {
    if (first >= 0x80) return fieldAt(readInteger(7));
    if (first >= 0x40) return enter(readLiteral(6, true));
    if (first < 0x20) return readLiteral(4, false);
    resize(readInteger(5));
    return undefined;
  }

  return {
    decode(block) {
      bytes = block;
      at = 0;
      const head: RequestHead = { path: "", apnsId: undefined };
      while (at < bytes.length) {
        const field = readField(bytes[at] as number);
        if (field?.name === ":path") head.path = field.value;
        else if (field?.name === "apns-id") head.apnsId = field.value;
      }
      return head;
    },
  };
}
