import { isUtf8 } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { type Db, findAccount, findApiKey, type StoredAccount } from "@fanfare/db";
import {
  ACCOUNT_ID_PATTERN,
  API_KEY_ID_PATTERN,
  AppError,
  accountUuid,
  apiKeyUuid,
  formatAccountId,
  formatApiKeyId,
  scopeSchema,
} from "@fanfare/domain";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { ActingAccount, Caller, Operator } from "./caller.js";
import { FailedLogin } from "./login-log.js";
import { networkOf } from "./network-of.js";
import { hashSecret } from "./secrets.js";

/** Tells who makes a request. */
export interface Authenticator {
  /**
   * @throws AppError 401 when the credentials are missing, wrong, revoked or those of a suspended account; 429 when
   * too many from this address were wrong.
   */
  authenticate(authorization: string | undefined, address: string): Promise<Caller>;
  /** Forgets whom it has seen, after accounts or keys were changed. */
  forget(): void;
}

/** What an authenticator is made of. */
export interface AuthenticatorOptions {
  db: Db;
  /** Password of the user `admin`. */
  adminPassword: string;
  /** Wrong credentials that one address, of IPv6 one network of 64 bits, may present in a minute. */
  failuresPerMinute: number;
}

/** For how long credentials that were right are not looked up again, in milliseconds: a revocation takes that long at most. */
const CACHE_MS = 1_000;

/** Credentials that are remembered at most. */
const CACHE_SIZE = 10_000;

const ALL_SCOPES = new Set(scopeSchema.options);
const OPERATOR: Operator = { kind: "operator", actor: "admin" };
const WINDOW_SECONDS = 60;

/** Makes an authenticator. */
export function createAuthenticator({ db, adminPassword, failuresPerMinute }: AuthenticatorOptions): Authenticator {
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: WINDOW_SECONDS });
  const adminHash = hashSecret(adminPassword);
  let cache = new Map<string, { caller: Caller; until: number }>();

  async function look({ user, password }: BasicCredentials): Promise<Caller | undefined> {
    const hash = hashSecret(password);
    if (user === "admin") return timingSafeEqual(hash, adminHash) ? OPERATOR : undefined;
    if (ACCOUNT_ID_PATTERN.test(user)) return actingAccount(await findAccount(db, accountUuid(user)), hash);
    if (!API_KEY_ID_PATTERN.test(user)) return undefined;
    const found = await findApiKey(db, apiKeyUuid(user));
    if (!found || !sameHash(hash, found.apiKey.secretHash)) return undefined;
    const { apiKey, account } = found;
    if (apiKey.revokedAt !== null || account.status !== "ACTIVE") return undefined;
    const actor = formatApiKeyId(apiKey.id);
    return { kind: "api-key", id: account.id, actor, scopes: new Set(apiKey.scopes) };
  }

  return {
    async authenticate(authorization, address) {
      const key = createHash("sha256")
        .update(authorization ?? "")
        .digest("base64");
      const cached = cache.get(key);
      if (cached && cached.until > performance.now()) return cached.caller;
      const network = networkOf(address);
      const state = await failures.get(network);
      if (state && state.consumedPoints >= failuresPerMinute) throw tooMany(state);
      const credentials = parseBasic(authorization);
      const caller = credentials && (await look(credentials));
      if (!caller) {
        const detail = "Authenticate with HTTP Basic: an account's id and auth token, or an API key and its secret.";
        // Without credentials nothing was guessed.
        if (authorization === undefined) throw new AppError("unauthorized", detail);
        if (credentials) await failures.penalty(network);
        throw new AppError("unauthorized", detail, { cause: new FailedLogin(nameIn(credentials)) });
      }
      if (cache.size >= CACHE_SIZE) cache = new Map();
      cache.set(key, { caller, until: performance.now() + CACHE_MS });
      return caller;
    },
    forget() {
      cache = new Map();
    },
  };
}

/** A user's name that is the name of anybody at all. */
function nameIn(credentials: BasicCredentials | undefined): string | undefined {
  const { user = "" } = credentials ?? {};
  const isName = user === "admin" || ACCOUNT_ID_PATTERN.test(user) || API_KEY_ID_PATTERN.test(user);
  return isName ? user : undefined;
}

function actingAccount(account: StoredAccount | undefined, hash: Buffer): ActingAccount | undefined {
  if (!account) return undefined;
  const { tokenHash, previousTokenHash, previousTokenUntil, status } = account;
  const isCurrent = sameHash(hash, tokenHash);
  const isPrevious = previousTokenHash !== null && sameHash(hash, previousTokenHash);
  const overlaps = previousTokenUntil !== null && previousTokenUntil > new Date();
  if (!(isCurrent || (isPrevious && overlaps)) || status !== "ACTIVE") return undefined;
  return { kind: "account", id: account.id, actor: formatAccountId(account.id), scopes: ALL_SCOPES };
}

// Hashes have one length whatever was given: the comparison takes the same time for every guess.
function sameHash(given: Buffer, stored: Uint8Array): boolean {
  return given.length === stored.length && timingSafeEqual(given, stored);
}

interface BasicCredentials {
  user: string;
  password: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

// RFC 7617. What decodes to the same bytes in another way, or to none of a text's, was not meant by anybody.
function parseBasic(authorization = ""): BasicCredentials | undefined {
  const encoded = BASIC.exec(authorization)?.[1] ?? "";
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded || !isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function tooMany({ msBeforeNext }: RateLimiterRes): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  return new AppError("too-many-failed-logins", "Too many wrong credentials came from this address.", {
    retryAfterSeconds,
  });
}
