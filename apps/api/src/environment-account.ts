import { type Db, ensureEnvironmentAccount, recordAuditEvent } from "@fanfare/db";
import { accountUuid } from "@fanfare/domain";
import { BY_ENVIRONMENT } from "./audit.js";
import { hashSecret, PREVIOUS_TOKEN_SECONDS } from "./secrets.js";

const ACTIONS = { created: "account.created", "token-rotated": "account.token-rotated" } as const;

/** Makes the account that the settings name the first one, and its token the settings', as `ensureEnvironmentAccount` does. */
export async function takeEnvironmentAccount(db: Db, accountId: string, authToken: string): Promise<void> {
  const uuid = accountUuid(accountId);
  await db.$transaction(async (tx) => {
    const change = await ensureEnvironmentAccount(tx, uuid, hashSecret(authToken), PREVIOUS_TOKEN_SECONDS);
    if (!change) return;
    await recordAuditEvent(tx, { ...BY_ENVIRONMENT, accountId: uuid, action: ACTIONS[change], target: accountId });
  });
}
