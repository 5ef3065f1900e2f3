import { createPrivateKey } from "node:crypto";
import { UnusableCredentialError } from "@fanfare/domain";
import { p256 } from "@noble/curves/nist.js";

/** Apple: refresh no more than once every 20 minutes and no less than once every 60. A token is used for 40 minutes. */
const PERIOD_SECONDS = 2_400;

/** A token is so old when its use begins, in seconds: a clock that is ahead by less makes none from the future. */
const HEAD_START_SECONDS = 600;

/** No token younger than that is replaced, in seconds. */
const REPLACE_AFTER_SECONDS = 1_200;

/** The provider token of one (team, key), for all sessions and processes. */
export interface ApnsProviderToken {
  /** The value of the `authorization` header. */
  authorization(): string;
  /**
   * To be called when APNs said ExpiredProviderToken: makes a new one, unless there is one already. Whether that may help: not when
   * the present one is too young to be replaced, so that it is the clock which is wrong.
   */
  expired(authorization: string): boolean;
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
 *
 * All processes of a team make the same token without talking to each other: `iat` is the beginning of a period that the clock
 * tells, and the signature is deterministic (RFC 6979), which node:crypto's is not. Ages are told by a monotonic clock: one that
 * jumps must not make every request mint a token of its own, which APNs answers with TooManyProviderTokenUpdates.
 *
 * @throws UnusableCredentialError when the key is not a P-256 private key.
 */
export function createApnsProviderToken(options: ApnsTokenOptions): ApnsProviderToken {
  const { keyId, teamId, monotonicMs = () => performance.now() } = options;
  const nowSeconds = options.nowSeconds ?? (() => Math.floor(Date.now() / 1_000));
  const secretKey = readSigningKey(options.key);
  let authorization = "";
  let iat = 0;
  let mintedAtMs = 0;
  let refreshAtMs = Number.NEGATIVE_INFINITY;

  function mint(issuedAt: number, forSeconds: number): void {
    iat = issuedAt;
    mintedAtMs = monotonicMs();
    refreshAtMs = mintedAtMs + forSeconds * 1_000;
    authorization = `bearer ${signJwt({ alg: "ES256", typ: "JWT", kid: keyId }, { iss: teamId, iat }, secretKey)}`;
  }

  function mintOfPeriod(): void {
    const shifted = nowSeconds() - HEAD_START_SECONDS;
    const issuedAt = shifted - (shifted % PERIOD_SECONDS);
    mint(issuedAt, issuedAt + PERIOD_SECONDS - shifted);
  }

  return {
    authorization() {
      if (monotonicMs() >= refreshAtMs) mintOfPeriod();
      return authorization;
    },
    expired(refused) {
      if (refused !== authorization) return true;
      const ageSeconds = Math.max(nowSeconds() - iat, (monotonicMs() - mintedAtMs) / 1_000);
      if (ageSeconds <= REPLACE_AFTER_SECONDS) return false;
      mint(nowSeconds(), PERIOD_SECONDS);
      return true;
    },
  };
}

function signJwt(header: object, claims: object, secretKey: Uint8Array): string {
  const [head, payload] = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signed = `${head}.${payload}`;
  return `${signed}.${Buffer.from(p256.sign(Buffer.from(signed), secretKey)).toString("base64url")}`;
}

function readSigningKey(pem: string): Uint8Array {
  let jwk: { crv?: string; d?: string };
  try {
    jwk = createPrivateKey(pem).export({ format: "jwk" });
  } catch {
    // The parser's own words may quote the key.
    const why = "The key is not a private key in PEM form (the .p8 file from Apple).";
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", why);
  }
  if (jwk.crv !== "P-256" || jwk.d === undefined) {
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", "The key is not a P-256 key, which APNs signing keys are.");
  }
  return Buffer.from(jwk.d, "base64url");
}
