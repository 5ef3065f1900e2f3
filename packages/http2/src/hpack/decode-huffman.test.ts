import { decodeHuffman } from "./decode-huffman.js";
import { huffmanCodes } from "./huffman-code.js";

const codes = new Map(huffmanCodes().map((entry) => [entry.symbol, entry]));

/** Symbols as bits, padded with ones as RFC 7541, section 5.2, wants it. */
function encode(symbols: number[], padding?: string): Buffer {
  let bits = "";
  for (const symbol of symbols) {
    const { code = 0, bits: length = 0 } = codes.get(symbol) ?? {};
    bits += code.toString(2).padStart(length, "0");
  }
  bits += padding ?? "1".repeat((8 - (bits.length % 8)) % 8);
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

function decode(bytes: Buffer): number[] {
  const out = Buffer.alloc(bytes.length * 2);
  return [...out.subarray(0, decodeHuffman(bytes, 0, bytes.length, out))];
}

test("every symbol is decoded, after any other", () => {
  const all = Array.from({ length: 256 }, (_, symbol) => symbol);
  const pairs = all.flatMap((first) => all.flatMap((second) => [first, second]));
  expect(decode(encode(pairs))).toEqual(pairs);
});

test.each([
  ["the end of string itself", encode([97, 256])],
  ["padding of zeros", encode([97], "000")],
  ["padding of a byte", encode([97], "11111111111")],
  ["a code that is cut off", Buffer.from([0xff, 0xff])],
])("%s is an error", (_title, bytes) => {
  expect(() => decode(bytes)).toThrow(expect.objectContaining({ name: "Http2ConnectionError", code: 9 }));
});
