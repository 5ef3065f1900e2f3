import { createHash } from "node:crypto";
import { createShared, type Held } from "@fanfare/delivery";
import type { ApnContent, CredentialContentOf } from "@fanfare/domain";
import { type ApnsProviderToken, createApnsProviderToken } from "./apns-token.js";

/** The provider tokens of a worker, one for each signing key and environment. Whoever makes them closes them. */
export interface ProviderTokens {
  /** @throws UnusableCredentialError when the key can not sign. */
  take(credential: CredentialContentOf<"APN">): Held<ApnsProviderToken>;
  close(): Promise<void>;
}

/** How long the token of a key that no credential uses any more is kept, in milliseconds: as long as its sessions, and longer. */
const IDLE_MS = 120_000;

/** Tells a team's signing key from all others. */
export function signingKeyOf({ key, keyId, teamId }: ApnContent): string {
  return `${teamId} ${keyId} ${createHash("sha256").update(key).digest("hex")}`;
}

/**
 * Makes {@link ProviderTokens}. Apps that are signed with the same key share one, as they share its connections: APNs refuses a
 * connection whose token changes more than once in 20 minutes (Apple, "Establishing a token-based connection to APNs").
 */
export function createProviderTokens(): ProviderTokens {
  const shared = createShared<ApnsProviderToken>({
    // There is nothing to close.
    closeOne: async () => undefined,
    idleMs: IDLE_MS,
    onError: (error) => {
      throw error;
    },
  });
  return {
    take: ({ type, content }) =>
      shared.take(`${type} ${signingKeyOf(content)}`, () => createApnsProviderToken(content)),
    close: () => shared.close(),
  };
}
