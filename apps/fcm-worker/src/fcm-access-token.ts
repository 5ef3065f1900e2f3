import { type AccessTokenError, exchangeAssertion, type OauthExchange } from "./oauth-exchange.js";

/** OAuth access tokens of one service account, for all sessions of this process. */
export interface FcmAccessToken {
  /** The value of the `authorization` header, when one is at hand that is not about to expire. */
  current(): string | undefined;
  /** Resolves with a fresh value; all who wait share one request. @throws AccessTokenError when there is none. */
  fetch(): Promise<string>;
  /** How long the token endpoint still wants to be left alone, in milliseconds; `undefined` when it did not ask for it. */
  askedToWaitMs(): number | undefined;
  /**
   * To be called when FCM refused one: it is not used any more. Whether another one may help: not when it was fetched a
   * moment ago.
   */
  refused(authorization: string): boolean;
}

/** What access tokens are fetched with. */
export interface FcmAccessTokenOptions extends OauthExchange {
  /** Told of each failed fetch, and whether the token at hand still works, so that nobody misses the new one. */
  onError?: (error: AccessTokenError, stillWorks: boolean) => void;
  nowMs?: () => number;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  monotonicMs?: () => number;
}

/** From this share of its life on a token is replaced, while it still works. */
const REFRESH_AT = 0.9;

/** A token that FCM refuses within so long was not refused for its age, in milliseconds. */
const FRESH_MS = 60_000;

/** After a failure the endpoint is left alone for so long, in milliseconds, or for as long as it asks where that is longer. */
const FAILURE_PAUSE_MS = 1_000;

/** Makes the access tokens of one service account: fetched when they are needed, and kept for as long as they work. */
export function createFcmAccessToken(options: FcmAccessTokenOptions): FcmAccessToken {
  const { onError, nowMs = Date.now, monotonicMs = () => performance.now() } = options;
  let token: { authorization: string; fetchedAtMs: number; refreshAtMs: number; expiresAtMs: number } | undefined;
  let fetching: Promise<string> | undefined;
  let failed: { error: AccessTokenError; untilMs: number } | undefined;

  async function exchange(): Promise<string> {
    const begunMs = nowMs();
    try {
      const { accessToken, lifeMs } = await exchangeAssertion(options, nowMs);
      const authorization = `Bearer ${accessToken}`;
      const [refreshAtMs, expiresAtMs] = [begunMs + lifeMs * REFRESH_AT, begunMs + lifeMs];
      token = { authorization, fetchedAtMs: begunMs, refreshAtMs, expiresAtMs };
      failed = undefined;
      return authorization;
    } catch (caught) {
      const error = caught as AccessTokenError;
      failed = { error, untilMs: monotonicMs() + Math.max(FAILURE_PAUSE_MS, error.retryAfterMs ?? 0) };
      onError?.(error, token !== undefined && nowMs() < token.expiresAtMs);
      throw error;
    } finally {
      fetching = undefined;
    }
  }

  function fetchOnce(): Promise<string> {
    if (failed && monotonicMs() < failed.untilMs) return Promise.reject(failed.error);
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
    askedToWaitMs() {
      if (failed?.error.retryAfterMs === undefined) return undefined;
      const waitMs = failed.untilMs - monotonicMs();
      return waitMs > 0 ? waitMs : undefined;
    },
    refused(authorization) {
      if (token?.authorization !== authorization) return true;
      const isOld = nowMs() - token.fetchedAtMs > FRESH_MS;
      token = undefined;
      return isOld;
    },
  };
}
