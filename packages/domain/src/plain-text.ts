import { isUtf8 } from "node:buffer";

/** Quotation marks within quotation marks that are taken off. */
const LAYERS_MAX = 4;

/** A byte order mark that was read as Latin-1. */
const MISREAD_MARK = /^\u00ef\u00bb\u00bf/;

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** A text, or the bytes of a file. */
export type TextOrBytes = string | Buffer;

/**
 * A text without what tools put around it: a byte order mark, white space, quotation marks. Bytes that are no text come as their
 * base64.
 */
export function plainText(content: TextOrBytes): string {
  let rest = withoutMark(typeof content === "string" ? content : (decodeText(content) ?? content.toString("base64")));
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const inner = withoutMark(withoutQuotes(rest));
    if (inner === rest) break;
    rest = inner;
  }
  return rest;
}

/** Bytes as text: UTF-8, or UTF-16 with its byte order mark; `undefined` when they are none. */
export function decodeText(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0) {
    return Buffer.from(bytes).swap16().toString("utf16le");
  }
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : undefined;
}

/** The bytes of base64 or base64url, with or without line ends and padding; `undefined` when a text is neither. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/\s+/g, "");
  return BASE64.test(compact) ? Buffer.from(compact, "base64") : undefined;
}

// A byte order mark counts as white space.
const withoutMark = (text: string) => text.trim().replace(MISREAD_MARK, "");

function withoutQuotes(text: string): string {
  for (const quote of ['\\"', '"', "'", "`"]) {
    const fits = text.length >= 2 * quote.length && text.startsWith(quote) && text.endsWith(quote);
    if (fits) return text.slice(quote.length, -quote.length);
  }
  return text;
}
