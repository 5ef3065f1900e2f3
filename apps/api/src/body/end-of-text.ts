export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

/** Bytes that are looked at one by one before a search is made, which is faster, and takes longer to begin. */
const SHORT = 64;

/** Where the quote is that ends a text, or, when it is longer than that, some place behind `maxLength` bytes. */
export function endOfText(bytes: Buffer, start: number, maxLength: number): number {
  let at = start;
  while (at - start <= maxLength) {
    for (const stop = at + SHORT; at < stop; at++) {
      if (bytes[at] === QUOTE || at >= bytes.length) return at;
      if (bytes[at] === BACKSLASH) at++;
    }
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return bytes.length;
    if (isEven(backslashesBefore(bytes, quote, at))) return quote;
    at = quote + 1;
  }
  return at;
}

/** How many there are right before a place, as far back as to another. */
function backslashesBefore(bytes: Buffer, place: number, first: number): number {
  let at = place;
  while (at > first && bytes[at - 1] === BACKSLASH) at--;
  return place - at;
}

const isEven = (count: number) => count % 2 === 0;
