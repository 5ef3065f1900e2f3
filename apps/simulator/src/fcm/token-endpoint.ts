import { randomBytes } from "node:crypto";
import jwt from "jsonwebtoken";
import type { Customers, FirebaseCustomer } from "../customers.js";
import type { FcmAnswer } from "./errors.js";

/** The OAuth token endpoint of the simulated Google. */
export interface TokenEndpoint {
  /** Answers a form-encoded grant request; `issuer` is the service account that it names. */
  grant(form: string, tokenUri: string): { answer: FcmAnswer; issuer: string | undefined };
  /** Whose access token an `authorization` header carries; `undefined` unless it was issued here and has not expired. */
  accountOf(authorization: string | undefined): FirebaseCustomer | undefined;
  /** How long tokens live from now on. */
  setLifetime(seconds: number): void;
  /** Forgets all tokens, as if they had been revoked. */
  revokeAll(): void;
  /** Tokens issued. */
  issued(): number;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPES = new Set([
  "https://www.googleapis.com/auth/firebase.messaging",
  "https://www.googleapis.com/auth/cloud-platform",
]);
const HOUR_SECONDS = 3_600;

const refuse = (code: string, description: string): FcmAnswer => ({
  status: 400,
  code,
  body: { error: code, error_description: description },
});

/** Makes a token endpoint that knows the service accounts of all customers (RFC 7523). */
export function createTokenEndpoint(customers: Customers, initialLifetimeSeconds: number): TokenEndpoint {
  let lifetimeSeconds = initialLifetimeSeconds;
  const granted = new Map<string, { clientEmail: string; expiresAt: number }>();
  let issued = 0;

  function grantTo(issuer: string | undefined, fields: URLSearchParams, tokenUri: string): FcmAnswer {
    if (fields.get("grant_type") !== GRANT_TYPE) return refuse("unsupported_grant_type", "Invalid grant_type");
    const account = customers.serviceAccount(issuer ?? "");
    if (!account) return refuse("invalid_grant", "Invalid grant: account not found");
    const problem = verify(fields.get("assertion") ?? "", account, tokenUri);
    if (problem) return refuse("invalid_grant", problem);
    const token = `ya29.${randomBytes(48).toString("base64url")}`;
    granted.set(token, { clientEmail: account.clientEmail, expiresAt: Date.now() + lifetimeSeconds * 1_000 });
    issued++;
    return { status: 200, body: { access_token: token, expires_in: lifetimeSeconds, token_type: "Bearer" } };
  }

  return {
    grant(form, tokenUri) {
      const fields = new URLSearchParams(form);
      const issuer = issuerOf(fields.get("assertion") ?? "");
      return { answer: grantTo(issuer, fields, tokenUri), issuer };
    },
    accountOf(authorization) {
      const grant = granted.get(/^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "");
      return grant && grant.expiresAt > Date.now() ? customers.serviceAccount(grant.clientEmail) : undefined;
    },
    setLifetime(seconds) {
      lifetimeSeconds = seconds;
    },
    revokeAll: () => granted.clear(),
    issued: () => issued,
  };
}

function issuerOf(assertion: string): string | undefined {
  try {
    const claims = jwt.decode(assertion);
    return claims && typeof claims !== "string" && typeof claims.iss === "string" ? claims.iss : undefined;
  } catch {
    // No JWT at all.
    return undefined;
  }
}

function verify(assertion: string, { key }: FirebaseCustomer, tokenUri: string): string | undefined {
  let claims: jwt.JwtPayload | string;
  try {
    claims = jwt.verify(assertion, key, { algorithms: ["RS256"], audience: tokenUri });
  } catch (error) {
    const { message } = error as Error;
    return message === "invalid signature" ? "Invalid JWT Signature." : `Invalid JWT: ${message}`;
  }
  if (typeof claims === "string") return "Invalid JWT: no claims";
  if ((claims.exp ?? 0) - (claims.iat ?? 0) > HOUR_SECONDS) return "Invalid JWT: valid for more than an hour";
  const scopes = String(claims.scope ?? "").split(" ");
  return scopes.some((scope) => SCOPES.has(scope)) ? undefined : "Invalid JWT: no scope for messaging";
}
