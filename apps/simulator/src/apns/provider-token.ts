import jwt from "jsonwebtoken";
import type { ApnsEnvironment } from "../behaviours.js";
import type { ApnsCustomer, Customers } from "../customers.js";
import { type ApnsRefusal, refusal } from "./refusal.js";

/** What a connection has seen; Apple's rules on provider tokens are per connection. */
export interface ConnectionState {
  authorization?: string;
  /** When the provider token was last changed, in milliseconds. */
  changedAt?: number;
  /** What the provider token turned out to be. */
  signed?: SignedToken;
  /** A connection on which a token expired is wedged: APNs answers every further request so, whatever token it carries. */
  sawExpiredToken?: boolean;
  /** After too early an update "that connection will be unusable until enough time has passed", in milliseconds. */
  unusableUntil?: number;
}

interface SignedToken {
  customer: ApnsCustomer;
  /** In seconds. */
  iat: number;
}

/** How old a provider token may be, and how soon it may be followed by another one on the same connection. */
export interface ProviderTokenLimits {
  maxAgeSeconds: number;
  minUpdateSeconds: number;
}

/** Apple's. */
export const PROVIDER_TOKEN_LIMITS: ProviderTokenLimits = { maxAgeSeconds: 3_600, minUpdateSeconds: 1_200 };

/** What a provider token is judged by. */
export interface TokenStandards {
  customers: Customers;
  environment: ApnsEnvironment;
  providerTokenLimits: ProviderTokenLimits;
}

/** Judges the provider token of a request: whose key signed it, or the refusal. */
export function judgeProviderToken(
  authorization: string | undefined,
  standards: TokenStandards,
  connection: ConnectionState,
): { customer: ApnsCustomer } | ApnsRefusal {
  const { customers, environment, providerTokenLimits } = standards;
  const { maxAgeSeconds, minUpdateSeconds } = providerTokenLimits;
  if (connection.sawExpiredToken) return refusal(403, "ExpiredProviderToken");
  if (Date.now() < (connection.unusableUntil ?? 0)) return refusal(429, "TooManyProviderTokenUpdates");
  if (authorization === undefined) return refusal(403, "MissingProviderToken");
  const changed = authorization !== connection.authorization;
  const signed = changed ? verify(authorization, customers) : verifyAgain(authorization, customers, connection);
  if (!signed) return refusal(403, "InvalidProviderToken");
  const { customer, iat } = signed;
  if (Date.now() - iat * 1_000 > maxAgeSeconds * 1_000) {
    connection.sawExpiredToken = true;
    return refusal(403, "ExpiredProviderToken");
  }
  if ((customer.environment ?? environment) !== environment) return refusal(403, "BadEnvironmentKeyInToken");
  if (connection.signed && connection.signed.customer.teamId !== customer.teamId) {
    return refusal(403, "InvalidProviderToken");
  }
  if (changed) {
    const mayChangeAt = (connection.changedAt ?? Number.NEGATIVE_INFINITY) + minUpdateSeconds * 1_000;
    if (Date.now() < mayChangeAt) {
      connection.unusableUntil = mayChangeAt;
      return refusal(429, "TooManyProviderTokenUpdates");
    }
    connection.authorization = authorization;
    connection.changedAt = Date.now();
  }
  connection.signed = signed;
  return { customer };
}

// The connection saw this very token verified: it is as good as its key, which may have been revoked or replaced since.
function verifyAgain(authorization: string, customers: Customers, { signed }: ConnectionState) {
  if (signed && customers.apnsKey(signed.customer.keyId) === signed.customer) return signed;
  return verify(authorization, customers);
}

function verify(authorization: string, customers: Customers): SignedToken | undefined {
  const token = /^bearer (.+)$/i.exec(authorization)?.[1] ?? "";
  try {
    const customer = customers.apnsKey(jwt.decode(token, { complete: true })?.header.kid ?? "");
    if (!customer) return undefined;
    const claims = jwt.verify(token, customer.key, { algorithms: ["ES256"] });
    if (typeof claims === "string" || claims.iss !== customer.teamId || claims.iat === undefined) return undefined;
    return { customer, iat: claims.iat };
  } catch {
    // Not a token, or not signed with the key that it names.
    return undefined;
  }
}
