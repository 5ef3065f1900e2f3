import { formatAccountId, formatId } from "@fanfare/domain";
import type { OnCompleted } from "./completed-operations.js";

/** Tells a log of each operation that is completed. */
export function logCompleted(log: { info(fields: object, message: string): void }): OnCompleted {
  return (completed) => {
    for (const { id, accountId, status, secondsSinceDue, stats } of completed) {
      const operation = formatId("operation", id);
      log.info(
        { operation, account: formatAccountId(accountId), status, secondsSinceDue, ...stats },
        "An operation is completed",
      );
    }
  };
}
