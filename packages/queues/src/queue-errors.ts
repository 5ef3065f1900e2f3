import { UnusableServerError } from "@fanfare/postgres";

/** Whether an error says that a queue may be usable later: unless the way it is set up keeps it from that. */
export const isQueueAway = (error: unknown) => !(error instanceof UnusableServerError);

// ioredis gives up a command, or a connection that says nothing, without a code; so do we where BullMQ waits for ever.
const GIVEN_UP =
  /^(Reached the max retries per request|Connection is closed|Socket timeout|Stream isn't writeable|The queue did not (take|answer))/;

/**
 * What an error is where Redis did not answer, for logs that tell the same trouble once: `unreachable`, as for errors with a
 * code that says so. `undefined` for everything else.
 */
export function queueKind(error: unknown): "unreachable" | undefined {
  return error instanceof Error && GIVEN_UP.test(error.message) ? "unreachable" : undefined;
}
