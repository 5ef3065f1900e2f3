import { randomBytes, timingSafeEqual } from "node:crypto";
import { type ApiKeyProof, type Db, findAccount, findApiKeyProof, type StoredAccount } from "@fanfare/db";
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
import { type Caller, OPERATOR } from "./caller.js";
import { hashSecret } from "./secrets.js";

/** What a user's name stands for. */
export interface Identity {
  /** Whether somebody can have this name. */
  isName: boolean;
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
const KEPT_MS = 1_000;

/** Identities that are remembered at most. */
const REMEMBERED = 10_000;

const ALL_SCOPES = new Set(scopeSchema.options);

/** A hash that no secret has, for what is compared with nothing: that takes as long. */
const NOTHING = randomBytes(32);

/** Makes identities of what is stored, and of the operator's password. */
export function createIdentities(db: Db, adminPassword: string): Identities {
  const operator: Identity = { isName: true, prove: proverOf(OPERATOR, hashSecret(adminPassword)) };
  const known = new LRUCache<string, { askedAt: number; identity: Promise<Identity> }>({ max: REMEMBERED });

  async function look(user: string): Promise<Identity> {
    if (ACCOUNT_ID_PATTERN.test(user)) return ofAccount(await findAccount(db, accountUuid(user)));
    return ofApiKey(await findApiKeyProof(db, apiKeyUuid(user)));
  }

  return {
    find(user) {
      if (user === OPERATOR.actor) return Promise.resolve(operator);
      if (!ACCOUNT_ID_PATTERN.test(user) && !API_KEY_ID_PATTERN.test(user)) return Promise.resolve(NO_NAME);
      const found = known.get(user);
      // By when it was asked for, not when it came: however slow the database is, it is not older.
      if (found && performance.now() - found.askedAt < KEPT_MS) return found.identity;
      const asked = { askedAt: performance.now(), identity: look(user) };
      known.set(user, asked);
      asked.identity.catch(() => known.peek(user) === asked && known.delete(user));
      return asked.identity;
    },
    forget: () => known.clear(),
  };
}

const NO_NAME: Identity = { isName: false, prove: proverOf(undefined) };
const NOBODY: Identity = { isName: true, prove: proverOf(undefined) };

function ofAccount(account: StoredAccount | undefined): Identity {
  if (!account) return NOBODY;
  const { id, tokenHash, previousTokenHash, previousTokenUntil, status } = account;
  const caller: Caller = { kind: "account", id, actor: formatAccountId(id), scopes: ALL_SCOPES };
  const previous = previousTokenHash ? { hash: previousTokenHash, until: Number(previousTokenUntil) } : undefined;
  return { isName: true, prove: proverOf(status === "ACTIVE" ? caller : undefined, tokenHash, previous) };
}

function ofApiKey(found: ApiKeyProof | undefined): Identity {
  if (!found) return NOBODY;
  const { id, accountId, scopes, secretHash, isUsable } = found;
  const caller: Caller = { kind: "api-key", id: accountId, actor: formatApiKeyId(id), scopes: new Set(scopes) };
  return { isName: true, prove: proverOf(isUsable ? caller : undefined, secretHash) };
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
