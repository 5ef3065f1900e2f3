import { createPublicKey, randomBytes } from "node:crypto";
import jwt from "jsonwebtoken";

/** The OAuth token endpoint of the simulated Google. */
export interface TokenEndpoint {
  /** Answers a form-encoded grant request. */
  grant(form: string, tokenUri: string): { status: number; body: object };
  /** Whether an `authorization` header carries an access token that was issued here and has not expired. */
  accepts(authorization: string | undefined): boolean;
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

const refuse = (error: string, description: string) => ({
  status: 400,
  body: { error, error_description: description },
});

/** Makes a token endpoint that knows one service account (RFC 7523). */
export function createTokenEndpoint(
  account: { clientEmail: string; privateKey: string },
  lifetimeSeconds: number,
): TokenEndpoint {
  const publicKey = createPublicKey(account.privateKey);
  const expiries = new Map<string, number>();
  let issued = 0;

  function verify(assertion: string, tokenUri: string): string | undefined {
    let claims: jwt.JwtPayload | string;
    try {
      claims = jwt.verify(assertion, publicKey, { algorithms: ["RS256"], audience: tokenUri });
    } catch (error) {
      return `Invalid JWT: ${(error as Error).message}`;
    }
    if (typeof claims === "string" || claims.iss !== account.clientEmail) return "Invalid JWT: unknown issuer";
    if ((claims.exp ?? 0) - (claims.iat ?? 0) > HOUR_SECONDS) return "Invalid JWT: valid for more than an hour";
    const scopes = String(claims.scope ?? "").split(" ");
    return scopes.some((scope) => SCOPES.has(scope)) ? undefined : "Invalid JWT: no scope for messaging";
  }

  return {
    grant(form, tokenUri) {
      const fields = new URLSearchParams(form);
      if (fields.get("grant_type") !== GRANT_TYPE) return refuse("unsupported_grant_type", "Invalid grant_type");
      const problem = verify(fields.get("assertion") ?? "", tokenUri);
      if (problem) return refuse("invalid_grant", problem);
      const token = `ya29.${randomBytes(48).toString("base64url")}`;
      expiries.set(token, Date.now() + lifetimeSeconds * 1_000);
      issued++;
      return { status: 200, body: { access_token: token, expires_in: lifetimeSeconds, token_type: "Bearer" } };
    },
    accepts(authorization) {
      const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
      return token !== undefined && (expiries.get(token) ?? 0) > Date.now();
    },
    revokeAll: () => expiries.clear(),
    issued: () => issued,
  };
}
