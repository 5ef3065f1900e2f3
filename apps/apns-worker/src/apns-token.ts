import { createPrivateKey, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";

/** Apple: refresh no more than once every 20 minutes and no less than once every 60. */
const REFRESH_AFTER_MS = 50 * 60_000;
const REFRESH_NOT_BEFORE_MS = 20 * 60_000;

/** The provider token of one (team, key), for all sessions of this process. */
export interface ApnsProviderToken {
  /** The value of the `authorization` header. */
  authorization(): string;
  /** To be called when APNs said ExpiredProviderToken: makes a new one, unless the present one is too young for that. */
  expired(): void;
}

/** What a provider token is made of. */
export interface ApnsTokenOptions {
  /** The .p8 key, PEM. */
  key: string;
  keyId: string;
  teamId: string;
  /** Seconds since the epoch, for `iat`. @default the system's clock */
  nowSeconds?: () => number;
  /** A clock that only goes forward, in milliseconds, for ages. @default performance.now */
  monotonicMs?: () => number;
}

/**
 * Makes provider tokens: ES256 over `{iss, iat}` (RFC 7519; Apple, "Establishing a token-based connection to APNs").
 * Ages are told by a monotonic clock: one that jumps must not make every request mint a token of its own, which APNs
 * answers with TooManyProviderTokenUpdates.
 *
 * @throws Error when the key is not a P-256 private key.
 */
export function createApnsProviderToken(options: ApnsTokenOptions): ApnsProviderToken {
  const { keyId, teamId, nowSeconds, monotonicMs = () => performance.now() } = options;
  const key = readSigningKey(options.key);
  let authorization = "";
  let mintedAt = Number.NEGATIVE_INFINITY;

  function mint(): void {
    const iat = nowSeconds?.() ?? Math.floor(Date.now() / 1_000);
    const token = jwt.sign({ iss: teamId, iat }, key, { algorithm: "ES256", keyid: keyId });
    authorization = `bearer ${token}`;
    mintedAt = monotonicMs();
  }

  return {
    authorization() {
      if (monotonicMs() - mintedAt > REFRESH_AFTER_MS) mint();
      return authorization;
    },
    expired() {
      if (monotonicMs() - mintedAt > REFRESH_NOT_BEFORE_MS) mint();
    },
  };
}

function readSigningKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new Error("APNS_KEY is not a private key in PEM form (the .p8 file from Apple).", { cause: error });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new Error("APNS_KEY is not a P-256 key, which APNs signing keys are.");
  }
  return key;
}
