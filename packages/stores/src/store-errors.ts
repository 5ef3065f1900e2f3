import { databaseKind, isDatabaseUnavailable } from "@fanfare/db";
import { queueKind, tellQueueError } from "@fanfare/queues";
import { createErrorBrake, type ErrorBrake, type Service } from "@fanfare/runtime";

/** Where a process tells of what goes wrong with its stores, and with its work. */
export interface StoreErrors {
  /** What repeats itself is counted there. */
  brake: ErrorBrake;
  /** Told of errors of any part of the process that goes on. */
  onError(this: void, error: unknown): void;
  /** Told of errors of the queues alone. */
  onQueueError(this: void, error: unknown): void;
}

/** Makes {@link StoreErrors}; `otherwise` is said of what neither store is the reason of. */
export function createStoreErrors(service: Service, otherwise: string): StoreErrors {
  const kindOf = (err: unknown) => databaseKind(err) ?? queueKind(err);
  const brake = service.own(createErrorBrake(service.log, { kindOf }), (opened) => opened.close());
  const onQueueError = tellQueueError(brake);
  return {
    brake,
    onQueueError,
    onError(err) {
      if (isDatabaseUnavailable(err)) brake.warn({ err }, "Postgres can not be reached or does not answer");
      else if (queueKind(err)) onQueueError(err);
      else brake.error({ err }, otherwise);
    },
  };
}
