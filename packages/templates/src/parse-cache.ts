/** Keeps what was parsed last: at most `size` texts, the least recently used of which makes room for a new one. */
export class ParseCache<Parsed> {
  private readonly entries = new Map<string, Parsed>();
  private readonly size: number;
  private readonly parse: (text: string) => Parsed;

  constructor(size: number, parse: (text: string) => Parsed) {
    this.size = size;
    this.parse = parse;
  }

  /** The parsed form of a text. What `parse` throws is thrown on, and not kept. */
  get(text: string): Parsed {
    const parsed = this.entries.get(text) ?? this.parse(text);
    // A Map iterates in the order of insertion: what is inserted anew is the last to go.
    this.entries.delete(text);
    this.entries.set(text, parsed);
    if (this.entries.size > this.size) this.dropOldest();
    return parsed;
  }

  private dropOldest(): void {
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }
}
