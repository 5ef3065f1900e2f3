import { queueKind } from "./queue-errors.js";

interface Destination {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Tells a log what keeps the queues from their work: what they refuse somebody has to mend, for all else they come back. */
export function tellQueueError(log: Destination): (err: unknown) => void {
  return (err) => {
    const isRefused = queueKind(err) === "not permitted";
    if (isRefused) log.error({ err }, "The queue refuses its user, or what that user needs");
    else log.warn({ err }, "The queue can not be reached or does not answer");
  };
}
