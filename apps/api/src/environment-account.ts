import { type Db, ensureEnvironmentAccount, recordAuditEvent } from "@fanfare/db";
import { accountUuid } from "@fanfare/domain";
import type { Log } from "@fanfare/runtime";
import { BY_ENVIRONMENT } from "./audit.js";
import { hashSecret, PREVIOUS_TOKEN_SECONDS } from "./secrets.js";

const STALE =
  "FANFARE_AUTH_TOKEN is a token that was replaced, and is not taken: set it to the account's present one in all processes";

const ACTIONS = { created: "account.created", "token-rotated": "account.token-rotated" } as const;

/** Makes the account that the settings name the first one, and its token the settings', as `ensureEnvironmentAccount` does. */
export async function takeEnvironmentAccount(
  { db, log }: { db: Db; log: Pick<Log, "warn"> },
  accountId: string,
  authToken: string,
): Promise<void> {
  const uuid = accountUuid(accountId);
  const change = await db.$transaction(async (tx) => {
    const made = await ensureEnvironmentAccount(tx, uuid, hashSecret(authToken), PREVIOUS_TOKEN_SECONDS);
    if (made && made !== "stale") {
      await recordAuditEvent(tx, { ...BY_ENVIRONMENT, accountId: uuid, action: ACTIONS[made], target: accountId });
    }
    return made;
  });
  if (change === "stale") log.warn({ account: accountId }, STALE);
}
