import https from "node:https";
import type { FcmContent } from "@fanfare/domain";
import jwt from "jsonwebtoken";
import { z } from "zod";

/** OAuth access tokens of one service account, for all sessions of this process. */
export interface FcmAccessToken {
  /** The value of the `authorization` header, when one is at hand that is not about to expire. */
  current(): string | undefined;
  /** Resolves with a fresh value; all who wait share one request. @throws AccessTokenError when there is none. */
  fetch(): Promise<string>;
  /**
   * To be called when FCM refused one: it is not used any more. Whether another one may help: not when it was fetched a
   * moment ago.
   */
  refused(authorization: string): boolean;
}

/** What access tokens are fetched with. */
export interface FcmAccessTokenOptions {
  serviceAccount: FcmContent;
  /** The token endpoint: https://oauth2.googleapis.com/token, or one that stands in for it. */
  tokenUrl: string;
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

/** A token that FCM refuses within so long was not refused for its age, in milliseconds. */
const FRESH_MS = 60_000;

/** After a failure the endpoint is left alone for so long, in milliseconds. */
const FAILURE_PAUSE_MS = 1_000;

/** Why there is no access token. */
export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
  /** The `error` of the endpoint's refusal (RFC 6749, section 5.2); `undefined` when it gave none. */
  readonly oauthError: string | undefined;

  constructor(message: string, options: { cause?: unknown; oauthError?: string | undefined } = {}) {
    super(message, { cause: options.cause });
    this.oauthError = options.oauthError;
  }

  /** Whether the same service account may well get one later: the endpoint did not refuse it. */
  get retryable(): boolean {
    return this.oauthError === undefined;
  }
}

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Exchanges a signed assertion for access tokens (RFC 7523). firebase-admin has an exchange of its own, but it asks
 * Google's endpoint always.
 */
export function createFcmAccessToken(options: FcmAccessTokenOptions): FcmAccessToken {
  const { serviceAccount, tokenUrl, ca, onError, nowMs = Date.now } = options;
  let token: { authorization: string; fetchedAtMs: number; refreshAtMs: number; expiresAtMs: number } | undefined;
  let fetching: Promise<string> | undefined;
  let failed: { error: AccessTokenError; untilMs: number } | undefined;

  async function exchange(): Promise<string> {
    const begunMs = nowMs();
    try {
      const answer = await post(tokenUrl, signAssertion(serviceAccount, tokenUrl, begunMs), ca);
      if (answer.status !== 200) throw refusal(tokenUrl, answer);
      const { access_token, expires_in } = answerSchema.parse(JSON.parse(answer.body));
      const lifeMs = expires_in * 1_000;
      const authorization = `Bearer ${access_token}`;
      const [refreshAtMs, expiresAtMs] = [begunMs + lifeMs * REFRESH_AT, begunMs + lifeMs];
      token = { authorization, fetchedAtMs: begunMs, refreshAtMs, expiresAtMs };
      failed = undefined;
      return authorization;
    } catch (cause) {
      const error =
        cause instanceof AccessTokenError
          ? cause
          : new AccessTokenError(`No access token from ${tokenUrl}.`, { cause });
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
    refused(authorization) {
      if (token?.authorization !== authorization) return true;
      const isOld = nowMs() - token.fetchedAtMs > FRESH_MS;
      token = undefined;
      return isOld;
    },
  };
}

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** What an answer other than 200 means: only one with an OAuth error is about the service account. */
function refusal(tokenUrl: string, { status, body }: TokenAnswer): AccessTokenError {
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  const parsed = isRefusal ? refusalSchema.safeParse(readJson(body)) : undefined;
  if (!parsed?.success) return new AccessTokenError(`No access token: ${tokenUrl} answered HTTP ${status}.`);
  const { error: oauthError, error_description: words } = parsed.data;
  const says = words ? `${oauthError}: ${words}` : oauthError;
  return new AccessTokenError(`Google refused the service account (${says}).`, { oauthError });
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A front end's HTML: the status alone decides.
    return undefined;
  }
}

function signAssertion(
  { client_email, private_key, private_key_id }: FcmContent,
  tokenUrl: string,
  nowMs: number,
): string {
  const iat = Math.floor(nowMs / 1_000);
  const claims = { iss: client_email, scope: SCOPE, aud: tokenUrl, iat, exp: iat + ASSERTION_SECONDS };
  const header = { alg: "RS256", typ: "JWT", ...(private_key_id === undefined ? {} : { kid: private_key_id }) };
  const assertion = jwt.sign(claims, private_key, { algorithm: "RS256", header });
  const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  return new URLSearchParams({ grant_type: grantType, assertion }).toString();
}

interface TokenAnswer {
  status: number;
  body: string;
}

// node:https and not fetch: a certificate authority of one's own can be given to it.
function post(url: string, form: string, ca: string | undefined): Promise<TokenAnswer> {
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
        res.on("end", () => resolve({ status: res.statusCode ?? 0, body }));
      },
    );
    request.on("error", reject);
    request.end(form);
  });
}
