import { isConnectionField, isFieldNameBytes, isFieldValueBytes } from "./field-rules.js";
import { createHpackDecoder } from "./hpack/decoder.js";
import { FIELD_OVERHEAD_BYTES } from "./hpack/dynamic-table.js";
import { FieldReader, Representation } from "./hpack/field-reader.js";
import { STATIC_FIELDS, staticName, staticValue } from "./hpack/static-table.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/** What the fields of one answer may have in all; uncompressed, and each with 32 bytes more (RFC 9113, section 6.5.2). */
export const MAX_HEADER_LIST_BYTES = 65_536;

/** A block that no answer may have (RFC 9113, section 8.1.1). */
export const MALFORMED = -1;

/** A block without `:status`, as trailers are. */
export const NO_STATUS = 0;

const STATUS = Buffer.from(":status");

/** No block changes a table of 0 bytes: one reader and one decoder serve all connections. */
const reader = new FieldReader();
const decoder = createHpackDecoder(0);

/** The status that each field of the static table stands for; `MALFORMED` for pseudo-fields that an answer may not have. */
const STATIC_STATUS = Array.from({ length: STATIC_FIELDS + 1 }, (_, index) => {
  const name = index === 0 ? "" : staticName(index);
  if (name === ":status") return Number(staticValue(index));
  return name.startsWith(":") || name === "transfer-encoding" ? MALFORMED : NO_STATUS;
});

/**
 * Reads the status of an answer from its block `bytes[start..end)`, and checks all of its fields without making anything of them:
 * nobody reads most of them (RFC 9113, sections 8.2 and 8.3). The dynamic table has no room, since this side said so.
 *
 * @throws Http2ConnectionError for a block that RFC 7541 does not allow.
 */
export function readAnswerStatus(bytes: Buffer, start: number, end: number): number {
  let status = NO_STATUS;
  let listBytes = 0;
  let isRegular = false;
  let isWellFormed = true;
  reader.begin(bytes, start, end);
  while (reader.next()) {
    if (isTableSize()) continue;
    const found = reader.index === 0 ? readLiteralName() : readTableName();
    // Goes on after the first fault: that the block is one of RFC 7541 at all matters to the whole connection.
    if (found === MALFORMED) isWellFormed = false;
    else if (found === NO_STATUS) isRegular = true;
    else if (isRegular || status !== NO_STATUS) isWellFormed = false;
    else status = found;
    listBytes += FIELD_OVERHEAD_BYTES + textBytes();
  }
  return isWellFormed && listBytes <= MAX_HEADER_LIST_BYTES ? status : MALFORMED;
}

function isTableSize(): boolean {
  if (reader.representation !== Representation.TABLE_SIZE) return false;
  if (reader.index === 0) return true;
  throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "The table is larger than was allowed.");
}

/** What a field says whose name is in the static table: a status, nothing, or what is malformed. */
function readTableName(): number {
  const { index, representation, valueText } = reader;
  const status = STATIC_STATUS[index];
  if (status === undefined) {
    throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, `No table has an index ${index}.`);
  }
  if (representation === Representation.INDEXED || status === MALFORMED) return status;
  const { bytes, start, end } = valueText;
  if (status !== NO_STATUS) return parseStatus(bytes, start, end);
  return isFieldValueBytes(bytes, start, end) ? NO_STATUS : MALFORMED;
}

function readLiteralName(): number {
  const { bytes, start, end } = reader.nameText;
  const value = reader.valueText;
  if (bytes[start] === 0x3a) {
    const isStatus = bytes.compare(STATUS, 0, STATUS.length, start, end) === 0;
    return isStatus ? parseStatus(value.bytes, value.start, value.end) : MALFORMED;
  }
  if (!isFieldNameBytes(bytes, start, end) || isConnectionField(bytes, start, end)) return MALFORMED;
  return isFieldValueBytes(value.bytes, value.start, value.end) ? NO_STATUS : MALFORMED;
}

/** Three digits, 100 at least (RFC 9110, section 15). */
function parseStatus(bytes: Buffer, start: number, end: number): number {
  if (end - start !== 3) return MALFORMED;
  let status = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return MALFORMED;
    status = status * 10 + digit;
  }
  return status < 100 ? MALFORMED : status;
}

/** Bytes of the name and the value of the field that was read. */
function textBytes(): number {
  const { index, representation, nameText, valueText } = reader;
  const nameBytes = index === 0 ? nameText.end - nameText.start : staticName(index).length;
  const isWhole = representation === Representation.INDEXED;
  return nameBytes + (isWhole ? staticValue(index).length : valueText.end - valueText.start);
}

/**
 * What fields are gathered in: an object that inherits nothing, so that no name means anything else, and that V8 keeps as fast as one
 * of a class (one of `Object.create(null)` costs half a microsecond more an answer).
 */
class Fields {
  [name: string]: string | undefined;
}
Object.setPrototypeOf(Fields.prototype, null);
delete (Fields.prototype as { constructor?: unknown }).constructor;

/** The regular fields of an answer; values of the same name are joined by commas (RFC 9110, section 5.2). */
export function readAnswerHeaders(block: Buffer): Record<string, string | undefined> {
  const headers = new Fields();
  decoder.decode(block, 0, block.length, (name, value) => {
    if (name === ":status") return;
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  });
  return headers;
}
