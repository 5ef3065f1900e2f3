import { formatId, type LeasedBatch, notificationUuid } from "@fanfare/domain";
import type { ConvictedBatch } from "./suspect-run.js";

interface Log {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Tells an operator of batches that kill their workers. */
export function logConvicted(log: Log) {
  return ({ operationId, lines }: ConvictedBatch): void => {
    const operation = formatId("operation", operationId);
    const [only] = lines;
    if (only && lines.length === 1) {
      const notification = formatId("notification", notificationUuid(operationId, only.ordinal));
      log.error({ operation, notification }, "A notification fails: each worker that sent it died (WORKER_CRASHED)");
    } else {
      log.warn({ operation, lines: lines.length }, "A batch is split: each worker that had it died");
    }
  };
}

/** Tells an operator of batches whose lease ran out on a worker that lives: it was stopped, or its database was too slow. */
export function logLostLease(log: { warn(fields: object, message: string): void }) {
  return ({ id, operationId }: LeasedBatch): void =>
    log.warn({ batch: id, operation: formatId("operation", operationId) }, "A batch was taken over by another worker");
}

/** Tells an operator of batches that nothing is there to be sent with: their credential was deleted, or there never was one. */
export function logNoCredential(log: { error(fields: object, message: string): void }) {
  return ({ id, operationId, credential }: LeasedBatch): void => {
    const named = credential && { credential: formatId("credential", credential.id), version: credential.version };
    const advice =
      "Make a credential for the app and provider; the operation can then be redriven with --code NO_CREDENTIAL.";
    const fields = { batch: id, operation: formatId("operation", operationId), ...named, advice };
    log.error(fields, "Notifications fail, for there is no credential to send them with (NO_CREDENTIAL)");
  };
}
