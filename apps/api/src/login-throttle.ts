import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";

/** Counts wrong logins in this process: by the network that they come from, and by the account that they are for. */
export interface LoginThrottle {
  /** In how many seconds a network may guess again; `undefined`: now. */
  waitOf(network: string): Promise<number | undefined>;
  /** Counts one. When its account has had too many: the seconds until they are forgotten. */
  count(network: string, account: string | undefined): Promise<number | undefined>;
}

const WINDOW_SECONDS = 60;

/** Makes a throttle that lets so many through in a minute, from each network and for each account. */
export function createLoginThrottle(failuresPerMinute: number): LoginThrottle {
  const limit = { points: failuresPerMinute, duration: WINDOW_SECONDS };
  const [byNetwork, byAccount] = [new RateLimiterMemory(limit), new RateLimiterMemory(limit)];
  return {
    async waitOf(network) {
      const state = await byNetwork.get(network);
      return state && state.consumedPoints >= failuresPerMinute ? secondsOf(state) : undefined;
    },
    async count(network, account) {
      await byNetwork.penalty(network);
      const state = account === undefined ? undefined : await byAccount.penalty(account);
      return state && state.consumedPoints > failuresPerMinute ? secondsOf(state) : undefined;
    },
  };
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000));
