import { createHash, randomBytes } from "node:crypto";

/** How long an auth token stays valid after it was replaced, unless a request says otherwise, in seconds. */
export const PREVIOUS_TOKEN_SECONDS = 86_400;

/** A new auth token or API key secret: 32 random bytes, hexadecimal. */
export function mintSecret(): string {
  return randomBytes(32).toString("hex");
}

/** What is kept of a secret. It is random and long, so that a slow hash would protect nothing more. */
export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
