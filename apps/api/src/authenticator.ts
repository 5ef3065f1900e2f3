import { AppError } from "@fanfare/domain";
import { LRUCache } from "lru-cache";
import { type BasicLogin, readBasicLogin } from "./basic-login.js";
import { type Caller, OPERATOR } from "./caller.js";
import { networkOf } from "./client-address.js";
import type { Identities } from "./identities.js";
import { FailedLogin } from "./login-log.js";
import type { LoginThrottle } from "./login-throttle.js";

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
   * too many from this address were wrong, or when these are and too many for their account or key were.
   */
  authenticate(authorization: string | undefined, address: string | undefined): Promise<Login>;
}

/** Credentials that are remembered as right, or as wrong, at most; and for how long, in milliseconds. */
const REMEMBERED = 10_000;
const RIGHT_MS = 3_600_000;
const WRONG_MS = 60_000;

/**
 * Makes an authenticator. From an address that has had its wrong logins of the minute only credentials are looked at that this
 * process knows to have been right, which are no guess, and one a second of those that it does not know: whoever shares an address
 * with a guesser, or with a job that repeats a wrong secret, works on. Passwords that people choose are not among the latter.
 */
export function createAuthenticator(identities: Identities, throttle: LoginThrottle): Authenticator {
  const right = new LRUCache<string, true>({ max: REMEMBERED, ttl: RIGHT_MS });
  const wrong = new LRUCache<string, true>({ max: REMEMBERED, ttl: WRONG_MS });

  function requirePatience(network: string, login: BasicLogin | undefined, name: string): void {
    const seconds = throttle.waitOf(network);
    if (seconds === undefined) return;
    const isNew = login !== undefined && login.user !== OPERATOR.actor && !wrong.has(name);
    if (isNew && throttle.letsPass(network)) return;
    throw tooMany(REFUSED, seconds);
  }

  /** What a wrong login is refused with. */
  function refusalOf(network: string, login: BasicLogin, isName: boolean): AppError {
    const user = isName ? login.user : undefined;
    const waits = throttle.count(network, user);
    if (waits.network !== undefined) return tooMany(REFUSED, waits.network);
    const cause = new FailedLogin(user);
    return waits.user === undefined ? unauthorized(cause) : tooMany(WRONG_TOO, waits.user, cause);
  }

  return {
    async authenticate(authorization, address) {
      // Without credentials nothing is guessed.
      if (authorization === undefined) throw unauthorized();
      const login = readBasicLogin(authorization);
      const name = login ? nameOf(login) : "";
      if (!right.has(name)) requirePatience(networkOf(address), login, name);
      if (!login) throw unauthorized(new FailedLogin(undefined));
      const { isName, prove } = await identities.find(login.user);
      const caller = prove(login.hash);
      if (caller) {
        right.set(name, true);
        return { caller, isStillGood: async () => (await identities.find(login.user)).prove(login.hash) !== undefined };
      }
      right.delete(name);
      wrong.set(name, true);
      throw refusalOf(networkOf(address), login, isName);
    },
  };
}

/** Longer names are nobody's: how long they are costs no memory. */
const NAME_MAX = 64;

const nameOf = ({ user, hash }: BasicLogin) => `${user.slice(0, NAME_MAX)}:${hash.toString("base64")}`;

const REFUSED = "Too many wrong credentials came from this address.";
const WRONG_TOO = "These credentials are wrong, as too many for this user were; right ones are taken.";

function unauthorized(cause?: FailedLogin): AppError {
  const detail = "Authenticate with HTTP Basic: an account's id and auth token, or an API key and its secret.";
  return new AppError("unauthorized", detail, { cause });
}

function tooMany(detail: string, retryAfterSeconds: number, cause?: FailedLogin): AppError {
  return new AppError("too-many-failed-logins", detail, { retryAfterSeconds, cause });
}
