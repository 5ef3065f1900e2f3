import https from "node:https";
import { parseRetryAfter } from "@fanfare/delivery";
import type { FcmContent } from "@fanfare/domain";
import jwt from "jsonwebtoken";
import { z } from "zod";

/** Who asks for an access token, and whom. */
export interface OauthExchange {
  serviceAccount: FcmContent;
  /** The token endpoint: https://oauth2.googleapis.com/token, or one that stands in for it. */
  tokenUrl: string;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const ASSERTION_SECONDS = 3_600;
const FETCH_TIMEOUT_MS = 10_000;

/** No token is taken to live longer than it was asked for, in milliseconds, whatever the endpoint says. */
const LONGEST_LIFE_MS = ASSERTION_SECONDS * 1_000;

/** Nor shorter, or one would be fetched for every push; whether it still works is FCM's to say. */
const SHORTEST_LIFE_MS = 1_000;

/** Why there is no access token. */
export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
  /** The `error` of the endpoint's refusal (RFC 6749, section 5.2); `undefined` when it gave none. */
  readonly oauthError: string | undefined;
  /** How long the endpoint asked to be left alone, in milliseconds; `undefined` when it did not. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { cause?: unknown; oauthError?: string | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.oauthError = options.oauthError;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same service account may well get one later: the endpoint did not refuse it. */
  get retryable(): boolean {
    return this.oauthError === undefined;
  }
}

// JSON's 1e400 is Infinity, which `z.number()` does not take; what lives longer than a number holds lives for long.
const secondsSchema = z.custom<number>((value) => typeof value === "number" && value > 0);
const answerSchema = z.object({ access_token: z.string().min(1), expires_in: secondsSchema });

/**
 * Exchanges a signed assertion for an access token (RFC 7523), which lives for `lifeMs`. firebase-admin has an exchange of its
 * own, but it asks Google's endpoint always.
 *
 * @throws AccessTokenError when there is none.
 */
export async function exchangeAssertion(
  { serviceAccount, tokenUrl, ca }: OauthExchange,
  nowMs: () => number,
): Promise<{ accessToken: string; lifeMs: number }> {
  try {
    const answer = await post(tokenUrl, signAssertion(serviceAccount, tokenUrl, nowMs()), ca);
    if (answer.status !== 200) throw refusal(tokenUrl, answer, new Date(nowMs()));
    const { access_token, expires_in } = answerSchema.parse(JSON.parse(answer.body));
    const lifeMs = Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, expires_in * 1_000));
    return { accessToken: access_token, lifeMs };
  } catch (cause) {
    if (cause instanceof AccessTokenError) throw cause;
    throw new AccessTokenError(`No access token from ${tokenUrl}.`, { cause });
  }
}

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** What an answer other than 200 means: only one with an OAuth error is about the service account. */
function refusal(tokenUrl: string, { status, retryAfter, body }: TokenAnswer, now: Date): AccessTokenError {
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  const parsed = isRefusal ? refusalSchema.safeParse(readJson(body)) : undefined;
  if (!parsed?.success) {
    const retryAfterMs = parseRetryAfter(retryAfter, now);
    return new AccessTokenError(`No access token: ${tokenUrl} answered HTTP ${status}.`, { retryAfterMs });
  }
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
  retryAfter: string | undefined;
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
        res.on("end", () => resolve({ status: res.statusCode ?? 0, retryAfter: res.headers["retry-after"], body }));
      },
    );
    request.on("error", reject);
    request.end(form);
  });
}
