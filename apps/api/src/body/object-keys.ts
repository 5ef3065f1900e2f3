import { hashOf, mix, SEED } from "./key-hash.js";

/** Keys of an object whose hashes are gone through; those of a larger one are in a set. */
const FEW = 64;

/** Who copies an object by assigning takes this key for something else, and loses it without a word. */
const PROTOTYPE_KEY = "__proto__";

/** What can be wrong with a key. */
const RESERVED = { code: "reserved-key", detail: "is a key that no object may have here" };
const REPEATED = { code: "repeated-key", detail: "stands in its object more than once" };

/** The keys of one object of a JSON text; one after the other of the objects at its level. */
export class ObjectKeys {
  /** A number that objects with the same keys in the same order have in common, and hardly any others. */
  shape = SEED;
  readonly #bytes: Buffer;
  #count = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  readonly #set = new Set<number>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next object begins. */
  reset(): void {
    if (this.#count > FEW) this.#set.clear();
    this.#count = 0;
    this.shape = SEED;
  }

  /** Adds a key, by where its bytes are without quotes; returns what is wrong with it if something is. */
  add(start: number, end: number, isEscaped: boolean): typeof RESERVED | typeof REPEATED | undefined {
    const at = this.#count;
    this.#starts[at] = start;
    this.#ends[at] = end;
    const hash = isEscaped ? hashOf(Buffer.from(this.#text(at))) : hashOf(this.#bytes, start, end);
    this.#hashes[at] = hash;
    this.shape = mix(this.shape, hash);
    this.#count++;
    const mayBeReserved = isEscaped || end - start === PROTOTYPE_KEY.length;
    if (mayBeReserved && this.#text(at) === PROTOTYPE_KEY) return RESERVED;
    const mayBeRepeated = at <= FEW || this.#set.has(hash);
    if (mayBeRepeated && this.#isRepeated(at)) return REPEATED;
    if (at >= FEW) this.#addToSet(at);
    return undefined;
  }

  /** The last key that was added. */
  last(): string {
    return this.#text(Math.max(0, this.#count - 1));
  }

  #isRepeated(at: number): boolean {
    const hash = this.#hashes[at];
    for (let other = 0; other < at; other++) {
      if (this.#hashes[other] === hash && this.#text(other) === this.#text(at)) return true;
    }
    return false;
  }

  #addToSet(at: number): void {
    for (let key = at === FEW ? 0 : at; key <= at; key++) this.#set.add(this.#hashes[key] ?? 0);
  }

  #text(at: number): string {
    const raw = this.#bytes.toString("utf8", this.#starts[at], this.#ends[at]);
    if (!raw.includes("\\")) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      // It is no JSON then, as the parser will say.
      return raw;
    }
  }
}
