import { createHash } from "node:crypto";

/** What a header field carries unchanged (RFC 9110, section 5.5): visible ASCII, with spaces between. */
export const HEADER_TEXT = /^[!-~]([ -~]*[!-~])?$/;

/** What stands for other keys looks so. */
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * The value of `apns-collapse-id` for a sender's collapse key: 1 to 64 characters that a header field can carry, the same for
 * the same key in each process, another one for another key. A key that a header can not carry unchanged, or that looks like
 * what stands for such a one, is replaced by the SHA-256 of its UTF-8, hexadecimal.
 */
export function collapseIdOf(key: string): string {
  if (HEADER_TEXT.test(key) && !SHA256_HEX.test(key)) return key;
  return createHash("sha256").update(key).digest("hex");
}
