import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Db, findAccount, findApiKey, type StoredAccount, type StoredApiKey } from "@fanfare/db";
import {
  ACCOUNT_ID_PATTERN,
  API_KEY_ID_PATTERN,
  accountUuid,
  apiKeyUuid,
  formatAccountId,
  formatApiKeyId,
  scopeSchema,
} from "@fanfare/domain";
import { LRUCache } from "lru-cache";
import type { Caller, Operator } from "./caller.js";
import { hashSecret } from "./secrets.js";

/** What a user's name stands for. */
export interface Identity {
  /** Whose wrong logins are counted together: an account's with its keys', as its id; absent: nobody can have this name. */
  countedAs: string | undefined;
  /** The caller whom a secret proves, by its hash. It takes the same time for every secret, right or wrong. */
  prove(hash: Buffer): Caller | undefined;
}

/** Looks up identities. */
export interface Identities {
  /** What is known of a name, as of a second ago at most. */
  find(user: string): Promise<Identity>;
  /** Forgets what is known, after accounts or keys were changed. */
  forget(): void;
}

/** For how long an identity is not looked up again, in milliseconds: a revocation takes that long at most. */
export const IDENTITY_KEPT_MS = 1_000;

/** Identities that are remembered at most. */
const REMEMBERED = 10_000;

const ALL_SCOPES = new Set(scopeSchema.options);
const OPERATOR: Operator = { kind: "operator", actor: "admin" };

/** A hash that no secret has, for what is compared with nothing: that takes as long. */
const NOTHING = randomBytes(32);

/** Makes identities of what is stored, and of the operator's password. */
export function createIdentities(db: Db, adminPassword: string): Identities {
  const operator: Identity = { countedAs: OPERATOR.actor, prove: proverOf(OPERATOR, hashSecret(adminPassword)) };
  const known = new LRUCache<string, { askedAt: number; identity: Promise<Identity> }>({ max: REMEMBERED });

  async function look(user: string): Promise<Identity> {
    if (ACCOUNT_ID_PATTERN.test(user)) return ofAccount(user, await findAccount(db, accountUuid(user)));
    return ofApiKey(user, await findApiKey(db, apiKeyUuid(user)));
  }

  return {
    find(user) {
      if (user === OPERATOR.actor) return Promise.resolve(operator);
      if (!ACCOUNT_ID_PATTERN.test(user) && !API_KEY_ID_PATTERN.test(user)) return Promise.resolve(NOBODY);
      const found = known.get(user);
      // By when it was asked for, not when it came: however slow the database is, it is not older.
      if (found && performance.now() - found.askedAt < IDENTITY_KEPT_MS) return found.identity;
      const asked = { askedAt: performance.now(), identity: look(user) };
      known.set(user, asked);
      asked.identity.catch(() => known.peek(user) === asked && known.delete(user));
      return asked.identity;
    },
    forget: () => known.clear(),
  };
}

const NOBODY: Identity = { countedAs: undefined, prove: proverOf(undefined) };

function ofAccount(user: string, account: StoredAccount | undefined): Identity {
  if (!account) return { ...NOBODY, countedAs: user };
  const { id, tokenHash, previousTokenHash, previousTokenUntil, status } = account;
  const caller: Caller = { kind: "account", id, actor: formatAccountId(id), scopes: ALL_SCOPES };
  const previous = previousTokenHash ? { hash: previousTokenHash, until: Number(previousTokenUntil) } : undefined;
  return { countedAs: user, prove: proverOf(status === "ACTIVE" ? caller : undefined, tokenHash, previous) };
}

function ofApiKey(user: string, found: { apiKey: StoredApiKey; account: StoredAccount } | undefined): Identity {
  if (!found) return { ...NOBODY, countedAs: user };
  const { apiKey, account } = found;
  const isUsable = apiKey.revokedAt === null && account.status === "ACTIVE";
  const scopes = new Set(apiKey.scopes);
  const caller: Caller = { kind: "api-key", id: account.id, actor: formatApiKeyId(apiKey.id), scopes };
  return { countedAs: formatAccountId(account.id), prove: proverOf(isUsable ? caller : undefined, apiKey.secretHash) };
}

/** Compares with the present secret and with the one before, whether or not there are such. */
function proverOf(
  caller: Caller | undefined,
  present: Uint8Array = NOTHING,
  previous: { hash: Uint8Array; until: number } = { hash: NOTHING, until: 0 },
): Identity["prove"] {
  return (hash) => {
    const isPresent = timingSafeEqual(hash, present);
    const isPrevious = timingSafeEqual(hash, previous.hash);
    return isPresent || (isPrevious && previous.until > Date.now()) ? caller : undefined;
  };
}
