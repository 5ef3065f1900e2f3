import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { rarely } from "./fuzz-texts.js";

/** A body as bytes, and the headers that go with it. */
export interface RawBody {
  bytes: Buffer;
  headers: (readonly [name: string, value: string])[];
  isCut: boolean;
}

/** What is written into a JSON text after one of its braces, brackets or quotes. */
const INTO_OBJECTS = [
  '"__proto__":{"a":1},',
  '"__proto__":null,"constructor":{"prototype":{"a":1}},',
  ...['"to":[],', '"content":{},', '"name":1,"name":2,', '"unknown":1,', ",", '"a":1,,', "'a':1,", "a:1,", "/**/"],
  ...['"ttl":1e400,', '"ttl":-0,', '"ttl":0x10,', '"ttl":01,', '"ttl":NaN,', '"ttl":9007199254740993,', '"ttl":1.,'],
  `"${"k".repeat(20_000)}":1,`,
  `"deep":${"[".repeat(3_000)}${"]".repeat(3_000)},`,
  `"deep":${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)},`,
  `"unclosed":${"[".repeat(10_000)}`,
  `"data":{${Array.from({ length: 5_000 }, (_, key) => `"k${key}":"v"`).join()}},`,
  Array.from({ length: 5_000 }, (_, key) => `"u${key}":1,`).join(""),
];
const INTO_ARRAYS = [",", "null,", "[],", `${"1,".repeat(5_000)}`, "1e999,", "\u00a0"];
/** One character per byte: what is above U+007F is no UTF-8. */
const INTO_STRINGS = [
  ...["\xff", "\xc0\x80", "\xed\xa0\x80", "\xf0\x9f", "\xfe\xff", "\x00", "\x1f", "\x7f", "\n", "\\"],
  ...["\\ud800", "\\udc00\\ud800", "\\u0000", "\\u00", "\\x41", "\\ufeff", "\xef\xbb\xbf", "\xe2\x80\xae", "\xc2\x85"],
];

/** Changes a JSON text in up to three places. */
const changes = fc.array(
  fc.oneof(
    ...(
      [
        ["{", INTO_OBJECTS],
        ["[", INTO_ARRAYS],
        ['"', INTO_STRINGS],
      ] as const
    ).map(([after, texts]) =>
      fc.record({ after: fc.constant(after), text: fc.constantFrom(...texts), at: fc.nat(30) }),
    ),
    fc.record({
      after: fc.constantFrom("{", "}", "[", "]", ":", ",", '"'),
      text: fc.constantFrom("", ",}", "]"),
      at: fc.nat(30),
    }),
  ),
  { maxLength: 3 },
);

type Change = { after: string; text: string; at: number };

/** The text with something written after one of its characters of a kind, if it has any. */
function change(text: string, { after, text: more, at }: Change): string {
  const places = [...text].flatMap((character, index) => (character === after ? [index + 1] : []));
  const place = places[at % Math.max(1, places.length)];
  return place === undefined ? text : text.slice(0, place) + more + text.slice(place);
}

const CHARSETS: Record<string, (utf8: Buffer) => Buffer> = {
  "application/json": (utf8) => utf8,
  "application/json; charset=utf-8": (utf8) => Buffer.concat([Buffer.from("\ufeff"), utf8]),
  "application/json; charset=utf-16": (utf8) => Buffer.from(`\ufeff${utf8.toString()}`, "utf16le"),
  "application/json; charset=utf-16le": (utf8) => Buffer.from(utf8.toString(), "utf16le"),
  "application/json; charset=iso-8859-1": (utf8) => Buffer.from(utf8.toString(), "latin1"),
  "application/json; charset=": (utf8) => utf8,
  "application/json;charset=utf-8;charset=utf-16": (utf8) => utf8,
  "application/vnd.api+json": (utf8) => utf8,
  "text/json": (utf8) => utf8,
  "application/x-www-form-urlencoded": (utf8) => utf8,
};

const ENCODINGS: Record<string, (bytes: Buffer) => Buffer> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  "GZip, gzip": (bytes) => gzipSync(gzipSync(bytes)),
  deflate: (bytes) => deflateSync(bytes),
  "deflate ": (bytes) => deflateRawSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => bytes,
  "x-gzip": (bytes) => gzipSync(bytes),
  "": (bytes) => bytes,
};

const broken = fc.constantFrom<((bytes: Buffer) => Buffer)[]>(
  (bytes) => bytes.subarray(0, bytes.length / 2),
  (bytes) => bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 0xff : byte)) as Buffer,
  (bytes) => Buffer.concat([bytes, Buffer.from("junk")]),
  () => Buffer.alloc(0),
);

type Framing = "length" | "chunked" | "brokenChunks" | "cut" | "short" | "twoLengths" | "both" | "badLength" | "none";

const FRAMINGS: Framing[] = ["chunked", "brokenChunks", "cut", "short", "twoLengths", "both", "badLength", "none"];

/** Makes bodies out of JSON values: spoilt, encoded and framed as no client would. */
export function rawBodiesOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<RawBody> {
  const parts = fc.record({
    ...{ value: values, changes, spoil: rarely(broken, 4) },
    charset: rarely(fc.constantFrom(...Object.keys(CHARSETS)), 2),
    encoding: rarely(fc.constantFrom(...Object.keys(ENCODINGS)), 3),
    framing: rarely(fc.constantFrom(...FRAMINGS), 4),
    more: rarely(fc.constantFrom(["Content-Type", "text/plain"] as const, ["Content-Encoding", "gzip"] as const), 20),
  });
  return parts.map(({ value, changes, spoil, charset = "application/json", encoding, framing = "length", more }) => {
    const text = Buffer.from(JSON.stringify(value) ?? "").toString("latin1");
    const json = Buffer.from(changes.reduce(change, text), "latin1");
    const inCharset = (CHARSETS[charset] ?? Buffer.from)(json);
    const encoded = encoding === undefined ? inCharset : (ENCODINGS[encoding] ?? Buffer.from)(inCharset);
    const framed = frame(encoding !== undefined && spoil ? spoil(encoded) : encoded, framing);
    return {
      ...{ bytes: framed.bytes, isCut: framing === "cut" },
      headers: [
        ["Content-Type", charset],
        ...(encoding === undefined ? [] : [["Content-Encoding", encoding] as const]),
        ...(more ? [more] : []),
        ...framed.headers,
      ],
    };
  });
}

function frame(bytes: Buffer, framing: Framing): Pick<RawBody, "bytes" | "headers"> {
  const length = (add: number) => ["Content-Length", String(Math.max(0, bytes.length + add))] as const;
  const chunked = ["Transfer-Encoding", "chunked"] as const;
  const chunks = (end: string) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from(`\r\n${end}`)]);
  switch (framing) {
    case "length":
      return { bytes, headers: [length(0)] };
    case "chunked":
      // A chunk of no bytes is the last one.
      return { bytes: bytes.length === 0 ? Buffer.from("0\r\n\r\n") : chunks("0\r\n\r\n"), headers: [chunked] };
    case "brokenChunks":
      return { bytes: chunks("zz\r\n\r\n"), headers: [chunked] };
    case "cut":
      return { bytes, headers: [length(10)] };
    case "short":
      return { bytes, headers: [length(-3)] };
    case "twoLengths":
      return { bytes, headers: [length(0), length(1)] };
    case "both":
      return { bytes: chunks("0\r\n\r\n"), headers: [length(0), chunked] };
    case "badLength":
      return { bytes, headers: [["Content-Length", "-1"]] };
    case "none":
      return { bytes, headers: [] };
  }
}
