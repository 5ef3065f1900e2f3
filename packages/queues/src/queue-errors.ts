import { UnusableServerError } from "@fanfare/postgres";
import { isNotPermitted } from "./not-permitted.js";
import { isDemoted } from "./redis-replica.js";

/** Whether an error says that a queue may be usable later: unless the way it is set up keeps it from that. */
export const isQueueAway = (error: unknown) => !(error instanceof UnusableServerError);

// ioredis gives up a command, or a connection that says nothing, without a code; so do we where BullMQ waits for ever. Of a
// cluster, that most of it, or the node that has the queues, is away.
const GIVEN_UP =
  /^(Reached the max retries per request|Connection is closed|Socket timeout|Stream isn't writeable|The queue did not (take|answer)|CLUSTERDOWN|Failed to refresh slots cache|No node of the Redis Cluster answers: Connection is closed|Cluster isn't ready|Too many Cluster redirections)/;

/**
 * What an error is where Redis refuses, for logs that tell the same trouble once: `unreachable` where it did not answer, as for
 * errors with a code that says so; `read-only` of one that is no longer the master; `not permitted` to its user. `undefined` for
 * everything else.
 */
export function queueKind(error: unknown): "unreachable" | "read-only" | "not permitted" | undefined {
  if (!(error instanceof Error)) return undefined;
  if (GIVEN_UP.test(error.message)) return "unreachable";
  if (isDemoted(error)) return "read-only";
  return isNotPermitted(error) ? "not permitted" : undefined;
}
