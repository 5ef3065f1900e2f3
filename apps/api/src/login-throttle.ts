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
  return {
    waitOf(network) {
      const counted = byNetwork.get(network);
      return counted && counted.times >= failuresPerMinute ? secondsUntil(counted.endsAt) : undefined;
    },
    letsPass: (network) => add(passes, network, PASS_MS).times <= 1,
    count(network, user) {
      const over = ({ times, endsAt }: Counted) => (times > failuresPerMinute ? secondsUntil(endsAt) : undefined);
      const ofNetwork = over(add(byNetwork, network, WINDOW_MS));
      return { network: ofNetwork, user: user === undefined ? undefined : over(add(byUser, user, WINDOW_MS)) };
    },
  };
}

interface Counted {
  times: number;
  endsAt: number;
}

const countsOf = (ttl: number) => new LRUCache<string, Counted>({ max: COUNTED, ttl });

/** Counts one more in the window that its first one began. */
function add(counts: LRUCache<string, Counted>, key: string, windowMs: number): Counted {
  const counted = counts.get(key) ?? { times: 0, endsAt: performance.now() + windowMs };
  if (counted.times === 0) counts.set(key, counted);
  counted.times += 1;
  return counted;
}

const secondsUntil = (endsAt: number) => Math.max(1, Math.ceil((endsAt - performance.now()) / 1_000));
