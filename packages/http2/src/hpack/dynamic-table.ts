/** What each field costs beside its bytes (RFC 7541, section 4.1). */
export const FIELD_OVERHEAD_BYTES = 32;

/** The size of both tables until something else is said (RFC 9113, section 6.5.2). */
export const DEFAULT_TABLE_BYTES = 4_096;

/** A field's size in a table. Its texts have one byte a character. */
export function fieldBytes(name: string, value: string): number {
  return name.length + value.length + FIELD_OVERHEAD_BYTES;
}

/** What was forgotten is let go of in strides of so many. */
const STRIDE = 256;

/**
 * The fields that both sides of a connection remember: first in, first out, bounded in bytes (RFC 7541, sections 2.3.2 and
 * 4). A field's number counts from the connection's beginning and stays, while its index grows with each that comes after.
 */
export class DynamicTable {
  private fields: { name: string; value: string }[] = [];
  /** Of the first one in `fields`. */
  private firstNumber = 0;
  private oldest = 0;
  private next = 0;
  private bytes = 0;
  private readonly onForget: (name: string, value: string, number: number) => void;
  maxBytes: number;

  constructor(maxBytes: number, onForget: (name: string, value: string, number: number) => void = () => undefined) {
    this.maxBytes = maxBytes;
    this.onForget = onForget;
  }

  /** How many fields it has. */
  get length(): number {
    return this.next - this.oldest;
  }

  /** A field by its place: 1 is the newest. */
  at(place: number): { name: string; value: string } | undefined {
    const number = this.next - place;
    return number < this.oldest || place < 1 ? undefined : this.fields[number - this.firstNumber];
  }

  /** The place of a field that is in the table. */
  placeOf(number: number): number {
    return this.next - number;
  }

  /** Adds a field; returns its number. One that is larger than the table empties it (RFC 7541, section 4.4). */
  add(name: string, value: string): number {
    const added = fieldBytes(name, value);
    this.shrinkTo(this.maxBytes - added);
    const number = this.next++;
    this.fields.push({ name, value });
    this.bytes += added;
    this.shrinkTo(this.maxBytes);
    return number;
  }

  /** Sets its size and forgets what has no room any more. */
  resize(maxBytes: number): void {
    this.maxBytes = maxBytes;
    this.shrinkTo(maxBytes);
  }

  private shrinkTo(bytes: number): void {
    while (this.bytes > bytes && this.oldest < this.next) {
      const { name, value } = this.fields[this.oldest - this.firstNumber] as { name: string; value: string };
      this.bytes -= fieldBytes(name, value);
      this.onForget(name, value, this.oldest++);
    }
    if (this.oldest - this.firstNumber < STRIDE) return;
    this.fields = this.fields.slice(this.oldest - this.firstNumber);
    this.firstNumber = this.oldest;
  }
}
