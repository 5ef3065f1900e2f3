import https from "node:https";
import jwt from "jsonwebtoken";
import { z } from "zod";
import type { ServiceAccount } from "./service-account.js";

/** OAuth access tokens of one service account, for all sessions of this process. */
export interface FcmAccessToken {
  /** The value of the `authorization` header, when one is at hand that is not about to expire. */
  current(): string | undefined;
  /** Resolves with a fresh value; all who wait share one request. Rejects when the token endpoint fails. */
  fetch(): Promise<string>;
  /** To be called when FCM refused the present one: it is not used any more. */
  invalidate(authorization: string): void;
}

/** What access tokens are fetched with. */
export interface FcmAccessTokenOptions {
  serviceAccount: ServiceAccount;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
  /** Told of each failed fetch. */
  onError?: (error: Error) => void;
  nowMs?: () => number;
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const ASSERTION_SECONDS = 3_600;
const FETCH_TIMEOUT_MS = 10_000;

/** From this share of its life on a token is replaced, while it still works. */
const REFRESH_AT = 0.9;

/** After a failure the endpoint is left alone for so long, in milliseconds. */
const FAILURE_PAUSE_MS = 1_000;

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Exchanges a signed assertion for access tokens at the service account's `token_uri` (RFC 7523). firebase-admin has
 * an exchange of its own, but asks Google's endpoint whatever `token_uri` says.
 */
export function createFcmAccessToken(options: FcmAccessTokenOptions): FcmAccessToken {
  const { serviceAccount, ca, onError, nowMs = Date.now } = options;
  let token: { authorization: string; refreshAtMs: number; expiresAtMs: number } | undefined;
  let fetching: Promise<string> | undefined;
  let failed: { error: Error; untilMs: number } | undefined;

  async function exchange(): Promise<string> {
    const begunMs = nowMs();
    try {
      const body = await post(serviceAccount.token_uri, signAssertion(serviceAccount, begunMs), ca);
      const { access_token, expires_in } = answerSchema.parse(JSON.parse(body));
      const lifeMs = expires_in * 1_000;
      const authorization = `Bearer ${access_token}`;
      token = { authorization, refreshAtMs: begunMs + lifeMs * REFRESH_AT, expiresAtMs: begunMs + lifeMs };
      failed = undefined;
      return authorization;
    } catch (cause) {
      const error = new Error(`No access token from ${serviceAccount.token_uri}`, { cause });
      failed = { error, untilMs: nowMs() + FAILURE_PAUSE_MS };
      onError?.(error);
      throw error;
    } finally {
      fetching = undefined;
    }
  }

  function fetchOnce(): Promise<string> {
    if (failed && nowMs() < failed.untilMs) return Promise.reject(failed.error);
    fetching ??= exchange();
    return fetching;
  }

  return {
    current() {
      const now = nowMs();
      if (!token || now >= token.expiresAtMs) return undefined;
      // The old one still works: nobody waits, and a failure is told by `onError`.
      if (now >= token.refreshAtMs) fetchOnce().catch(() => undefined);
      return token.authorization;
    },
    fetch: fetchOnce,
    invalidate(authorization) {
      if (token?.authorization === authorization) token = undefined;
    },
  };
}

function signAssertion(
  { client_email, private_key, private_key_id, token_uri }: ServiceAccount,
  nowMs: number,
): string {
  const iat = Math.floor(nowMs / 1_000);
  const claims = { iss: client_email, scope: SCOPE, aud: token_uri, iat, exp: iat + ASSERTION_SECONDS };
  const header = { alg: "RS256", typ: "JWT", ...(private_key_id === undefined ? {} : { kid: private_key_id }) };
  const assertion = jwt.sign(claims, private_key, { algorithm: "RS256", header });
  const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  return new URLSearchParams({ grant_type: grantType, assertion }).toString();
}

// node:https and not fetch: a certificate authority of one's own can be given to it.
function post(url: string, form: string, ca: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      url,
      {
        method: "POST",
        ...(ca === undefined ? {} : { ca }),
        headers: { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(form) },
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      },
      (res) => {
        let body = "";
        res.setEncoding("utf8");
        res.on("data", (chunk: string) => {
          body += chunk;
        });
        res.on("error", reject);
        res.on("end", () => (res.statusCode === 200 ? resolve(body) : reject(new Error(`HTTP ${res.statusCode}`))));
      },
    );
    request.on("error", reject);
    request.end(form);
  });
}
