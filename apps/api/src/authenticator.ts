import { AppError } from "@fanfare/domain";
import { LRUCache } from "lru-cache";
import { readBasicLogin } from "./basic-login.js";
import type { Caller } from "./caller.js";
import type { Identities } from "./identities.js";
import { FailedLogin } from "./login-log.js";
import type { LoginThrottle } from "./login-throttle.js";
import { networkOf } from "./network-of.js";

/** Who makes a request, as its credentials prove. */
export interface Login {
  caller: Caller;
  /** Whether the credentials are still good, as of a second ago at most. */
  isStillGood(): Promise<boolean>;
}

/** Tells who makes a request. */
export interface Authenticator {
  /**
   * @throws AppError 401 when the credentials are missing, wrong, revoked or those of a suspended account; 429 when
   * too many from this address were wrong, or when these are and too many for their account were.
   */
  authenticate(authorization: string | undefined, address: string): Promise<Login>;
}

/** Credentials that are remembered as right at most, and for how long, in milliseconds. */
const PROVEN_MAX = 10_000;
const PROVEN_MS = 3_600_000;

/**
 * Makes an authenticator. From an address that has had its wrong logins of the minute only credentials are looked at that this
 * process knows to have been right: they are no guess, and whoever shares an address with a guesser works on.
 */
export function createAuthenticator(identities: Identities, throttle: LoginThrottle): Authenticator {
  const proven = new LRUCache<string, true>({ max: PROVEN_MAX, ttl: PROVEN_MS });

  async function requirePatience(network: string): Promise<void> {
    const seconds = await throttle.waitOf(network);
    if (seconds !== undefined) throw tooMany("Too many wrong credentials came from this address.", seconds);
  }

  return {
    async authenticate(authorization, address) {
      // Without credentials nothing is guessed.
      if (authorization === undefined) throw unauthorized();
      const network = networkOf(address);
      const login = readBasicLogin(authorization);
      if (!login) {
        await requirePatience(network);
        throw unauthorized(new FailedLogin({}));
      }
      const name = `${login.user}:${login.hash.toString("base64")}`;
      if (!proven.has(name)) await requirePatience(network);
      const { countedAs, prove } = await identities.find(login.user);
      const caller = prove(login.hash);
      if (caller) {
        proven.set(name, true);
        return { caller, isStillGood: async () => (await identities.find(login.user)).prove(login.hash) !== undefined };
      }
      proven.delete(name);
      const seconds = await throttle.count(network, countedAs);
      const cause = new FailedLogin({ account: countedAs, user: countedAs === undefined ? undefined : login.user });
      throw seconds === undefined ? unauthorized(cause) : tooMany(WRONG_TOO, seconds, cause);
    },
  };
}

const WRONG_TOO = "These credentials are wrong, as too many for their account were; right ones are taken.";

function unauthorized(cause?: FailedLogin): AppError {
  const detail = "Authenticate with HTTP Basic: an account's id and auth token, or an API key and its secret.";
  return new AppError("unauthorized", detail, { cause });
}

function tooMany(detail: string, retryAfterSeconds: number, cause?: FailedLogin): AppError {
  return new AppError("too-many-failed-logins", detail, { retryAfterSeconds, cause });
}
