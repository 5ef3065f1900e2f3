import { decodeHuffman } from "./huffman.js";

// RFC 7541, appendix C.4 and C.6.
test.each([
  ["f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"],
  ["a8eb10649cbf", "no-cache"],
  ["d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
  [
    "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ],
])("the RFC's example %s is %s", (hex, text) => {
  expect(decodeHuffman(Buffer.from(hex, "hex"))).toBe(text);
});

/** Some rows of RFC 7541, appendix B, of every length class: symbol, code, bits. */
const CODES: readonly [symbol: number, code: number, bits: number][] = [
  [48, 0x0, 5],
  [97, 0x3, 5],
  [0, 0x1ff8, 13],
  [123, 0x7ffe, 15],
  [92, 0x7fff0, 19],
  [1, 0x7fffd8, 23],
  [255, 0x3ffffee, 26],
  [127, 0xffffffc, 28],
  [249, 0xffffffe, 28],
  [10, 0x3ffffffc, 30],
  [22, 0x3ffffffe, 30],
];

function encode(rows: typeof CODES): Buffer {
  const bits = rows.map(([, code, length]) => code.toString(2).padStart(length, "0")).join("");
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1").match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

const [zero, a] = CODES as [(typeof CODES)[number], (typeof CODES)[number]];

test.each(CODES)("symbol %i is decoded wherever it stands, between short ones", (...row) => {
  for (let before = 0; before < 9; before++) {
    const rows = [...Array<typeof zero>(before).fill(zero), row, a, row, zero, a];
    expect(decodeHuffman(encode(rows))).toBe(String.fromCharCode(...rows.map(([symbol]) => symbol)));
  }
});

test("the end-of-string symbol within a string is refused", () => {
  expect(() => decodeHuffman(Buffer.from("ffffffff", "hex"))).toThrow();
});
