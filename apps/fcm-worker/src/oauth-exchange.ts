import https from "node:https";
import { parseRetryAfter } from "@fanfare/delivery";
import { type FcmContent, UnusableCredentialError } from "@fanfare/domain";
import { z } from "zod";
import { adviceOnRefusal } from "./oauth-refusal.js";
import { ASSERTION_SECONDS, signAssertion } from "./sign-assertion.js";

/** Who asks for an access token, and whom. */
export interface OauthExchange {
  serviceAccount: FcmContent;
  /** The token endpoint: https://oauth2.googleapis.com/token, or one that stands in for it. */
  tokenUrl: string;
  /** The only certificate authority to trust, as PEM. @default Node's roots */
  ca?: string | undefined;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FETCH_TIMEOUT_MS = 10_000;

/** No token is taken to live longer than it was asked for, in milliseconds, whatever the endpoint says. */
const LONGEST_LIFE_MS = ASSERTION_SECONDS * 1_000;

/** Nor shorter, or one would be fetched for every push; whether it still works is FCM's to say. */
const SHORTEST_LIFE_MS = 1_000;

/** What is told of a missing access token, and what is to be done about it. */
interface Told {
  detail: string;
  advice: string;
}

interface AccessTokenErrorOptions {
  advice: string;
  forSender?: Told | undefined;
  cause?: unknown;
  oauthError?: string | undefined;
  retryAfterMs?: number | undefined;
  unusable?: UnusableCredentialError | undefined;
}

const awayTo = (happened: string): Told => ({
  detail: `No access token: Google's token endpoint ${happened}.`,
  advice: "It is asked again by itself.",
});

const AWAY = "It is asked again by itself: look at the worker's way to the token endpoint, and at FCM_TOKEN_URL.";

/** Why there is no access token. */
export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
  /** The `error` of the endpoint's refusal (RFC 6749, section 5.2); `undefined` when it gave none. */
  readonly oauthError: string | undefined;
  /** How long the endpoint asked to be left alone, in milliseconds; `undefined` when it did not. */
  readonly retryAfterMs: number | undefined;
  /** What is wrong with the stored key, so that nothing could be asked for; `undefined`: nothing. */
  readonly unusable: UnusableCredentialError | undefined;
  /** What is to be done about it, by an operator. */
  readonly advice: string;
  /** The same for a sender, whom addresses of the installation and what a proxy says are no business of. */
  readonly forSender: Told;

  constructor(message: string, options: AccessTokenErrorOptions) {
    super(message, { cause: options.cause });
    this.oauthError = options.oauthError;
    this.retryAfterMs = options.retryAfterMs;
    this.unusable = options.unusable;
    this.advice = options.advice;
    this.forSender = options.forSender ?? { detail: message, advice: options.advice };
  }

  /** Stable: the endpoint's refusal, what is wrong with the key, or that there is none for now. */
  get code(): string {
    if (this.oauthError !== undefined) return `OAUTH_${this.oauthError.toUpperCase()}`;
    return this.unusable?.code ?? "NO_ACCESS_TOKEN";
  }

  /** Whether the same service account may well get one later: neither did the endpoint refuse it, nor is its key at fault. */
  get retryable(): boolean {
    return this.oauthError === undefined && this.unusable === undefined;
  }
}

// JSON's 1e400 is Infinity, which `z.number()` does not take; what lives longer than a number holds lives for long.
const secondsSchema = z.custom<number>((value) => typeof value === "number" && value > 0);

/** What a header can carry as a bearer token (RFC 6749, appendix A.12). */
const accessTokenSchema = z.string().regex(/^[\x21-\x7e]+$/);

const answerSchema = z.object({ access_token: accessTokenSchema, expires_in: secondsSchema });

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
    const assertion = signAssertion(serviceAccount, tokenUrl, nowMs());
    const answer = await post(tokenUrl, new URLSearchParams({ grant_type: GRANT_TYPE, assertion }).toString(), ca);
    if (answer.status !== 200) throw refusal(tokenUrl, answer, new Date(nowMs()));
    const { access_token, expires_in } = readGrant(tokenUrl, answer.body);
    const lifeMs = Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, expires_in * 1_000));
    return { accessToken: access_token, lifeMs };
  } catch (cause) {
    if (cause instanceof AccessTokenError) throw cause;
    if (cause instanceof UnusableCredentialError) {
      throw new AccessTokenError(cause.message, { unusable: cause, advice: cause.advice });
    }
    const message = `No access token: ${placeOf(tokenUrl)} could not be asked (${kindOf(cause)}).`;
    const forSender = awayTo(`could not be asked (${kindOf(cause)})`);
    throw new AccessTokenError(message, { cause, advice: AWAY, forSender });
  }
}

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** What an answer other than 200 means: only one with an OAuth error is about the service account. */
function refusal(tokenUrl: string, { status, retryAfter, body }: TokenAnswer, now: Date): AccessTokenError {
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  const parsed = isRefusal ? refusalSchema.safeParse(readJson(body)) : undefined;
  if (!parsed?.success) {
    const retryAfterMs = parseRetryAfter(retryAfter, now);
    const message = `No access token: ${placeOf(tokenUrl)} answered HTTP ${status}${quote(body)}.`;
    const forSender = awayTo(`answered HTTP ${status}`);
    return new AccessTokenError(message, { retryAfterMs, advice: AWAY, forSender });
  }
  const { error: oauthError, error_description: words } = parsed.data;
  const says = words ? `${oauthError}: ${words}` : oauthError;
  const advice = adviceOnRefusal(oauthError);
  return new AccessTokenError(`Google refused the service account (${says.slice(0, MOST_WORDS)}).`, {
    oauthError,
    advice,
  });
}

function readGrant(tokenUrl: string, body: string): z.infer<typeof answerSchema> {
  const parsed = answerSchema.safeParse(readJson(body));
  if (parsed.success) return parsed.data;
  // Its words are not quoted: they may be all but a grant.
  const message = `No access token: ${placeOf(tokenUrl)} answered HTTP 200 with something else than one.`;
  const forSender = awayTo("answered HTTP 200 with something else than one");
  throw new AccessTokenError(message, { advice: AWAY, forSender });
}

/** A URL may have a password in it, or a key in its query. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** What kept the endpoint from being asked, in a word: a socket's or TLS's code, or the error's name. */
function kindOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  // An aborted request says so itself, and why beneath.
  if (cause instanceof Error) return kindOf(cause);
  const { code, name } = error as { code?: unknown; name?: string };
  return typeof code === "string" ? code : (name ?? "Error");
}

/** Characters of the endpoint's own words that are passed on. */
const MOST_WORDS = 200;

/** Characters of an answer that are looked at for them. */
const MOST_READ = 4_000;

/** Characters of an answer that are kept: a grant has some two thousand. */
const MOST_KEPT = 65_536;

/** What somebody who is no token endpoint says: markup is left out, and so is a signed assertion that it gives back. */
function quote(body: string): string {
  const said = body
    .slice(0, MOST_READ)
    .replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
    .replace(/[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, "…")
    .replace(/\s+/g, " ")
    .trim();
  return said === "" ? "" : `: ${said.slice(0, MOST_WORDS)}`;
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A front end's HTML: the status alone decides.
    return undefined;
  }
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
          if (body.length < MOST_KEPT) body += chunk;
        });
        res.on("error", reject);
        res.on("end", () => resolve({ status: res.statusCode ?? 0, retryAfter: res.headers["retry-after"], body }));
      },
    );
    request.on("error", reject);
    request.end(form);
  });
}
