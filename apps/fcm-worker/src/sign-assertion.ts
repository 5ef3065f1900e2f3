import { createPrivateKey, type KeyObject } from "node:crypto";
import { type FcmContent, RSA_BITS_MIN, UnusableCredentialError } from "@fanfare/domain";
import jwt from "jsonwebtoken";

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";

/** How long an assertion, and the access token that it is exchanged for, is asked to live, in seconds. */
export const ASSERTION_SECONDS = 3_600;

/**
 * Signs what a service account asks for an access token with (RFC 7523).
 *
 * @throws UnusableCredentialError when its key can not sign.
 */
export function signAssertion(
  { client_email, private_key, private_key_id }: FcmContent,
  tokenUrl: string,
  nowMs: number,
): string {
  const key = readRsaKey(private_key);
  const iat = Math.floor(nowMs / 1_000);
  const claims = { iss: client_email, scope: SCOPE, aud: tokenUrl, iat, exp: iat + ASSERTION_SECONDS };
  const header = { alg: "RS256", typ: "JWT", ...(private_key_id === undefined ? {} : { kid: private_key_id }) };
  try {
    return jwt.sign(claims, key, { algorithm: "RS256", header });
  } catch {
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", "The service account's key signs nothing.");
  }
}

// The parser's and the signer's own words may quote the key: none of them gets into an error.
function readRsaKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", "The service account's key is no private key in PEM form.");
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength: bits = 0 } = {} } = key;
  if (type !== "rsa") {
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", `The service account's key is one for ${type}, not for RSA.`);
  }
  if (bits < RSA_BITS_MIN) {
    const why = `The service account's key has ${bits} bits; one of less than ${RSA_BITS_MIN} can not sign for Google.`;
    throw new UnusableCredentialError("KEY_CAN_NOT_SIGN", why);
  }
  return key;
}
