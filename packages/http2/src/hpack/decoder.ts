import { ErrorCode, Http2ConnectionError } from "../http2-error.js";
import { DynamicTable } from "./dynamic-table.js";
import { FieldReader, type FieldText, isDynamic, Representation } from "./field-reader.js";
import { STATIC_FIELDS, staticName, staticValue } from "./static-table.js";

/** Gets each field of a block, in order. */
export type OnField = (name: string, value: string) => void;

/** Decodes the blocks of one connection, each exactly once and in order: they change its table. */
export interface HpackDecoder {
  /**
   * Decodes the block `bytes[start..end)`.
   *
   * @throws Http2ConnectionError for a block that RFC 7541 does not allow.
   */
  decode(bytes: Buffer, start: number, end: number, onField: OnField): void;
}

/** Makes a decoder whose table has so many bytes at most: what this side says in SETTINGS_HEADER_TABLE_SIZE. */
export function createHpackDecoder(maxTableBytes: number): HpackDecoder {
  const reader = new FieldReader();
  const table = new DynamicTable(maxTableBytes);

  const dynamicField = (index: number) => {
    const field = table.at(index - STATIC_FIELDS);
    if (!field) throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, `No table has an index ${index}.`);
    return field;
  };

  const resize = (bytes: number) => {
    if (bytes > maxTableBytes) {
      throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "The table is larger than was allowed.");
    }
    table.resize(bytes);
  };

  const nameOf = (index: number): string => {
    if (index === 0) return textOf(reader.nameText);
    return isDynamic(index) ? dynamicField(index).name : staticName(index);
  };

  return {
    decode(bytes, start, end, onField) {
      reader.begin(bytes, start, end);
      while (reader.next()) {
        const { representation, index } = reader;
        if (representation === Representation.TABLE_SIZE) {
          resize(index);
        } else if (representation === Representation.INDEXED) {
          if (isDynamic(index)) {
            const { name, value } = dynamicField(index);
            onField(name, value);
          } else {
            onField(staticName(index), staticValue(index));
          }
        } else {
          const name = nameOf(index);
          const value = textOf(reader.valueText);
          if (representation === Representation.INDEXING) table.add(name, value);
          onField(name, value);
        }
      }
    },
  };
}

/** A text as a string, one character a byte. */
export function textOf({ bytes, start, end }: FieldText): string {
  return bytes.toString("latin1", start, end);
}
