import { LRUCache } from "lru-cache";

/** Counts wrong logins in this process: by the network that they come from, and by whose they claim to be. */
export interface LoginThrottle {
  /** In how many seconds a network may present credentials that are not known to be right; `undefined`: now. */
  waitOf(network: string): number | undefined;
  /** Whether a network that has to wait may present some all the same: one a second. */
  letsPass(network: string): boolean;
  /** Counts a wrong login; in how many seconds those of its network, and of its user, are counted anew, where there were too many. */
  count(network: string, user: string | undefined): { network: number | undefined; user: number | undefined };
}

const WINDOW_MS = 60_000;
const PASS_MS = 1_000;

/** Networks, and users, that are counted at most: beyond that those that were quiet for longest are forgotten. */
const COUNTED = 50_000;

/** Makes a throttle that lets so many through in a minute, from each network and for each user. */
export function createLoginThrottle(failuresPerMinute: number): LoginThrottle {
  const [byNetwork, byUser, passes] = [countsOf(WINDOW_MS), countsOf(WINDOW_MS), countsOf(PASS_MS)];
  const over = (counts: Counts, key: string) =>
    add(counts, key) > failuresPerMinute ? secondsLeft(counts, key) : undefined;
  return {
    waitOf: (network) =>
      (byNetwork.get(network) ?? 0) >= failuresPerMinute ? secondsLeft(byNetwork, network) : undefined,
    letsPass: (network) => add(passes, network) <= 1,
    count(network, user) {
      return { network: over(byNetwork, network), user: user === undefined ? undefined : over(byUser, user) };
    },
  };
}

/** How often each was counted, in a window that its first time began. */
type Counts = LRUCache<string, number>;

const countsOf = (ttl: number): Counts => new LRUCache({ max: COUNTED, ttl, noUpdateTTL: true });

/** Counts one more; returns how many there are in the window. */
function add(counts: Counts, key: string): number {
  const times = (counts.get(key) ?? 0) + 1;
  counts.set(key, times);
  return times;
}

const secondsLeft = (counts: Counts, key: string) => Math.max(1, Math.ceil(counts.getRemainingTTL(key) / 1_000));
