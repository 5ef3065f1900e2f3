import { isUtf8 } from "node:buffer";
import { AppError } from "@fanfare/domain";
import { invalidRequest } from "../parse-request.js";
import { type JsonLimits, scanJson } from "./scan-json.js";

/**
 * More than any request needs: 10,000 recipients of 10 addresses each come to 330,000 values; no object has as many fields as
 * `content.data`, of which the largest payload that a provider takes has room for some 700; the longest text is a credential
 * in base64, or one of 4,096 characters of which each is escaped, the longest key one of 256. (V8 hashes no text of more than
 * 16,383 characters: to read keys of such a length takes time by the square of their number.)
 */
const LIMITS: JsonLimits = {
  ...{ depth: 64, members: 1_000, elements: 10_000, text: 65_536, key: 4_096 },
  ...{ values: 500_000, shapes: 100_000 },
};

/** In UTF-8. RFC 8259, section 8.1: a sender must not write it, a reader may pass over it. */
const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

/**
 * A body of a request, of which it is known now what it would cost to make something of it, and that nothing gets lost on the way:
 * neither bytes that are no UTF-8 nor the first of two members with one name.
 *
 * @throws AppError 400
 */
export function checkJson(bytes: Buffer): Buffer {
  if (bytes.length === 0) throw new AppError("malformed-json", "The request has no body.");
  if (!isUtf8(bytes)) throw new AppError("malformed-json", "The request body is not UTF-8.");
  const problem = scanJson(bytes, LIMITS);
  if (problem) throw invalidRequest([problem], "nothing was stored");
  return bytes;
}

/** What {@link checkJson} found nothing wrong with, as a JSON value. @throws AppError 400 */
export function parseJson(bytes: Buffer): unknown {
  const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  try {
    return JSON.parse(bytes.toString("utf8", hasMark ? BYTE_ORDER_MARK.length : 0));
  } catch (cause) {
    throw new AppError("malformed-json", "The request body could not be read as JSON.", { cause });
  }
}
