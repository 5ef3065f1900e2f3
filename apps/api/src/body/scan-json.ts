import type { FieldProblem } from "@fanfare/domain";
import { jsonPointer } from "../json-pointer.js";
import { BACKSLASH, endOfText, QUOTE } from "./end-of-text.js";
import { isKept, isSurelyKept } from "./exact-number.js";
import { ObjectKeys } from "./object-keys.js";

/** What a JSON text may consist of. */
export interface JsonLimits {
  /** Levels of nesting. */
  depth: number;
  /** Members of one object. */
  members: number;
  /** Elements of one array. */
  elements: number;
  /** Bytes of one text and of one key, as they are written. */
  text: number;
  key: number;
  /** Members and elements in all, and as many more as there are arrays and objects; some count as {@link SLOW}. */
  values: number;
  /** Beginnings of objects, up to each of their keys, that are not those of an object before: they are what costs a parser most. */
  shapes: number;
}

/** A key with an escape and a long number take about as long to look at as so many others. */
const SLOW = 5;

const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** By byte: those that numbers consist of. */
const isInNumber = Array.from({ length: 256 }, (_, byte) => /[-+.\deE]/.test(String.fromCharCode(byte)));
/** Of a number's characters: E and e. */
const isLetter = (byte: number) => byte >= 0x41;

/**
 * What of a JSON text in UTF-8 would cost too much, or get lost, if it were parsed. It is looked for in the bytes, before
 * anything is made of them; that they are JSON the parser has to say.
 */
export function scanJson(bytes: Buffer, limits: JsonLimits): FieldProblem | undefined {
  return new Scan(bytes, limits).run();
}

class Scan {
  readonly #bytes: Buffer;
  readonly #limits: JsonLimits;
  /** Of each level that is open. */
  readonly #keys: ObjectKeys[] = [];
  readonly #isObject: Uint8Array;
  readonly #commas: Uint32Array;
  #level = 0;
  #values = 0;
  readonly #shapes = new Set<number>();
  /** Whether the next text is a key. */
  #isKey = false;
  #problem: FieldProblem | undefined;

  constructor(bytes: Buffer, limits: JsonLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#isObject = new Uint8Array(limits.depth + 1);
    this.#commas = new Uint32Array(limits.depth + 1);
  }

  run(): FieldProblem | undefined {
    const bytes = this.#bytes;
    for (let at = 0; at < bytes.length && !this.#problem; at++) {
      switch (bytes[at]) {
        case QUOTE:
          at = this.#text(at + 1);
          break;
        case COMMA:
          this.#comma();
          break;
        case OPEN_OBJECT:
          this.#open(1);
          break;
        case OPEN_ARRAY:
          this.#open(0);
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          this.#close();
          break;
        default:
          if (isInNumber[bytes[at] ?? 0]) at = this.#number(at);
      }
    }
    return this.#problem;
  }

  /** Goes to the end of a text, or where it is too long; returns where that is. */
  #text(start: number): number {
    const { text, key } = this.#limits;
    if (this.#isKey) return this.#endOfKey(start, key);
    const end = endOfText(this.#bytes, start, text);
    if (end - start > text) this.#report(this.#here(), `must have at most ${shown(text)} bytes`);
    return end;
  }

  #endOfKey(start: number, maxLength: number): number {
    const bytes = this.#bytes;
    const last = Math.min(bytes.length, start + maxLength + 1);
    let isEscaped = false;
    let at = start;
    for (; at < last && bytes[at] !== QUOTE; at++) {
      if (bytes[at] !== BACKSLASH) continue;
      isEscaped = true;
      at++;
    }
    if (at - start <= maxLength) this.#key(start, at, isEscaped);
    else this.#report(this.#here(), `must have names of at most ${shown(maxLength)} bytes`);
    return at;
  }

  /** Goes to the last character of a number; returns where that is. */
  #number(start: number): number {
    const bytes = this.#bytes;
    let hasExponent = false;
    let end = start + 1;
    for (; isInNumber[bytes[end] ?? 0]; end++) hasExponent ||= isLetter(bytes[end] ?? 0);
    if (!isSurelyKept(end - start, hasExponent)) this.#longNumber(start, end);
    return end - 1;
  }

  #longNumber(start: number, end: number): void {
    this.#count(SLOW - 1);
    if (end - start <= this.#limits.key && isKept(this.#bytes.toString("latin1", start, end))) return;
    this.#report(this.#here(), "is a number that can not be kept as it is; send it as a text", "invalid-value");
  }

  #key(start: number, end: number, isEscaped: boolean): void {
    this.#isKey = false;
    const keys = this.#keys[this.#level];
    const refusal = keys?.add(start, end, isEscaped);
    if (refusal) this.#report([...this.#path(), this.#place(this.#level)], refusal.detail, refusal.code);
    if (isEscaped) this.#count(SLOW - 1);
    this.#shapes.add(keys?.shape ?? 0);
    if (this.#shapes.size > this.#limits.shapes) this.#report([], "has too many objects that differ in their fields");
  }

  #comma(): void {
    const level = this.#level;
    const commas = (this.#commas[level] ?? 0) + 1;
    this.#commas[level] = commas;
    this.#isKey = this.#isObject[level] === 1;
    const { members, elements } = this.#limits;
    if (this.#isKey && commas === members) this.#report(this.#path(), tooMany(members, "fields"));
    if (!this.#isKey && commas === elements) this.#report(this.#path(), tooMany(elements, "entries"));
    this.#count();
  }

  #open(isObject: 0 | 1): void {
    const { depth } = this.#limits;
    if (this.#level === depth) {
      this.#report(this.#here(), `must not be nested deeper than ${depth} levels`);
      return;
    }
    this.#level++;
    this.#isObject[this.#level] = isObject;
    this.#commas[this.#level] = 0;
    this.#isKey = isObject === 1;
    if (this.#isKey) this.#keysOf(this.#level).reset();
    this.#count();
  }

  #close(): void {
    this.#isKey = false;
    // More of them than were opened is no JSON.
    if (this.#level > 0) this.#level--;
  }

  /** Where the value is that begins; of a key, its object. */
  #here(): string[] {
    const isInside = this.#level > 0 && !this.#isKey;
    return isInside ? [...this.#path(), this.#place(this.#level)] : this.#path();
  }

  #keysOf(level: number): ObjectKeys {
    const keys = this.#keys[level] ?? new ObjectKeys(this.#bytes);
    this.#keys[level] = keys;
    return keys;
  }

  #count(values = 1): void {
    this.#values += values;
    if (this.#values > this.#limits.values) this.#report([], tooMany(this.#limits.values, "values in all"));
  }

  /** Where the array or object is that is open. */
  #path(): string[] {
    return Array.from({ length: Math.max(0, this.#level - 1) }, (_, above) => this.#place(above + 1));
  }

  #place(level: number): string {
    return this.#isObject[level] === 1 ? this.#keysOf(level).last() : String(this.#commas[level]);
  }

  #report(path: string[], detail: string, code = "too-big"): void {
    this.#problem ??= { pointer: jsonPointer(path), code, detail };
  }
}

const shown = (limit: number) => limit.toLocaleString("en-US");
const tooMany = (limit: number, what: string) => `must have at most ${shown(limit)} ${what}`;
