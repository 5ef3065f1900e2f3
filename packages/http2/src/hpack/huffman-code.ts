/** Bits of each symbol's code; the last one is the end of string (RFC 7541, appendix B). */
const CODE_BITS = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  30,
];

/** The symbol that ends a string, and that no string may contain. */
export const END_OF_STRING = 256;

/** A symbol's code. */
export interface HuffmanCode {
  symbol: number;
  code: number;
  bits: number;
}

/**
 * The code of every symbol. It is canonical: codes of the same length follow one another in the order of their symbols, and the
 * shorter come first, so that the lengths say it all.
 */
export function huffmanCodes(): HuffmanCode[] {
  const codes = CODE_BITS.map((bits, symbol) => ({ symbol, code: 0, bits })).sort(
    (a, b) => a.bits - b.bits || a.symbol - b.symbol,
  );
  let next = 0;
  let bitsBefore = 0;
  for (const entry of codes) {
    next *= 2 ** (entry.bits - bitsBefore);
    bitsBefore = entry.bits;
    entry.code = next++;
  }
  return codes;
}
