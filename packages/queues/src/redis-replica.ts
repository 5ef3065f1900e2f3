/** How often a connection is made anew for this reason at most, in milliseconds: what answers may be a replica for good. */
const RECONNECT_EVERY_MS = 1_000;

// In the middle of a message where a script met it, on Redis 6.
const DEMOTED = /\b(READONLY|MASTERDOWN|UNBLOCKED)\b/;

/** Whether an error is the answer of a Redis that was the master and is a replica now. */
export function isDemoted(error: Error): boolean {
  return DEMOTED.test(error.message);
}

/**
 * Makes ioredis's `reconnectOnError`: a master that is demoted keeps its connections, and refuses every write on them for ever;
 * the name or the proxy they were made through leads to the new master by now. The command is refused all the same: its caller
 * decides whether to repeat it.
 */
export function leaveReplica(nowMs: () => number = () => performance.now()) {
  // By connection: a consumer's blocking one is a copy of the other, options and all.
  const leftAt = new WeakMap<object, number>();
  return function (this: unknown, error: Error): boolean {
    const connection = this as object;
    const now = nowMs();
    if (!isDemoted(error) || now - (leftAt.get(connection) ?? Number.NEGATIVE_INFINITY) < RECONNECT_EVERY_MS)
      return false;
    leftAt.set(connection, now);
    return true;
  };
}
