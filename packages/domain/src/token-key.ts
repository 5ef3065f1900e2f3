import { createHash } from "node:crypto";

/**
 * The key under which a device token is looked up: the first 128 bits of its SHA-256, as a UUID. Tokens may be longer
 * than an index entry.
 */
export function tokenKey(token: string): string {
  const hex = createHash("sha256").update(token).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
