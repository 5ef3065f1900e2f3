import { findCheckedCredential, recordCredentialCheck } from "@fanfare/db";
import { logVerification, verifyUsable } from "@fanfare/delivery";
import type { Provider } from "@fanfare/domain";
import { CHECK_QUEUES, type Consumer, consume } from "@fanfare/queues";
import type { Service } from "@fanfare/runtime";
import type { Stores } from "@fanfare/stores";
import type { Credentials } from "./open-credentials.js";

/** Makes the checks of credentials that are asked for, one at a time, and records what they came to. */
export function consumeChecks(
  service: Service,
  { db, queues, brake, onError }: Stores,
  { provider }: { provider: Provider },
  { load, verify }: Pick<Credentials, "load" | "verify">,
): Consumer {
  return consume(
    queues,
    CHECK_QUEUES[provider],
    async ({ checkId }) => {
      const credentialId = await findCheckedCredential(db, checkId);
      if (credentialId === undefined) return;
      const result = await verifyUsable(async () => {
        const credential = await load(credentialId);
        return credential && verify(credential);
      });
      if (!result) return;
      logVerification(brake, credentialId, result);
      await recordCredentialCheck(db, checkId, result);
    },
    { concurrency: 1, onError, onBroken: service.fail },
  );
}
