/** Keeps what was parsed last: texts of `maxLength` characters together, the least recently used of which make room for a new one. */
export class ParseCache<Parsed> {
  private readonly entries = new Map<string, Parsed>();
  private readonly maxLength: number;
  private readonly parse: (text: string) => Parsed;
  private length = 0;

  constructor(maxLength: number, parse: (text: string) => Parsed) {
    this.maxLength = maxLength;
    this.parse = parse;
  }

  /** The parsed form of a text. What `parse` throws is thrown on, and not kept. */
  get(text: string): Parsed {
    const parsed = this.entries.get(text) ?? this.parse(text);
    // A Map iterates in the order of insertion: what is inserted anew is the last to go.
    if (!this.entries.delete(text)) this.length += text.length;
    this.entries.set(text, parsed);
    this.makeRoom();
    return parsed;
  }

  private makeRoom(): void {
    for (const oldest of this.entries.keys()) {
      if (this.length <= this.maxLength) return;
      this.entries.delete(oldest);
      this.length -= oldest.length;
    }
  }
}
