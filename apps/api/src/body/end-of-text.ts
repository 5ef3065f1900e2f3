export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

/** Where one quote is escaped there are more, and to search for each takes longer than to look at so many bytes one by one. */
const CLOSE_BY = 64;

/** Where the quote is that ends a text, or, when it is longer than that, some place behind `maxLength` bytes. */
export function endOfText(bytes: Buffer, start: number, maxLength: number): number {
  let at = start;
  while (at - start <= maxLength) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return bytes.length;
    if (isEven(backslashesBefore(bytes, quote, at))) return quote;
    at = quote + 1;
    for (const stop = at + CLOSE_BY; at < stop; at++) {
      if (bytes[at] === QUOTE || at >= bytes.length) return at;
      if (bytes[at] === BACKSLASH) at++;
    }
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
