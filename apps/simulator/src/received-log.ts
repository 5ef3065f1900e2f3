import type { Provider } from "./behaviours.js";

/** One request that reached a decision. */
export interface ReceivedRequest {
  at: string;
  provider: Provider;
  token: string;
  /** Which call for this token it was, from 1. */
  call: number;
  /** Which connection it came on. */
  connection: number;
  /** Without the credential. */
  headers: Record<string, unknown>;
  payload: unknown;
  /** `200`, or status and code of the refusal, `silent`, `reset`. */
  outcome: string;
}

/** Requests of one provider. */
export interface Counts {
  total: number;
  accepted: number;
  /** Different tokens. */
  tokens: number;
  /** Tokens that were accepted more than once: a device that got the same push twice. */
  acceptedMoreThanOnce: number;
}

/** Requests kept whole; older ones are counted only. */
const KEPT = 10_000;

/** What the simulator received: whole for the newest, counted for all. */
export class ReceivedLog {
  #calls = new Map<string, { calls: number; accepted: number }>();
  #kept: ReceivedRequest[] = [];

  /** Counts a call for a token and returns which one it is, from 1. */
  countCall(provider: Provider, token: string): number {
    return ++this.#entry(provider, token).calls;
  }

  countAccepted(provider: Provider, token: string): void {
    this.#entry(provider, token).accepted++;
  }

  keep(request: ReceivedRequest): void {
    this.#kept.push(request);
    // Cut in halves: cutting one by one would move the whole array each time.
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
  }

  /** The newest requests, oldest first. */
  newest(limit: number, token?: string): ReceivedRequest[] {
    const found = token === undefined ? this.#kept : this.#kept.filter((request) => request.token === token);
    return found.slice(-Math.min(limit, KEPT));
  }

  counts(provider: Provider): Counts {
    const counts = { total: 0, accepted: 0, tokens: 0, acceptedMoreThanOnce: 0 };
    for (const [key, { calls, accepted }] of this.#calls) {
      if (!key.startsWith(provider)) continue;
      counts.total += calls;
      counts.accepted += accepted;
      counts.tokens++;
      if (accepted > 1) counts.acceptedMoreThanOnce++;
    }
    return counts;
  }

  /** Calls of every token. */
  *tokens(): Generator<{ provider: Provider; token: string; calls: number; accepted: number }> {
    for (const [key, counts] of this.#calls) {
      yield { provider: key.slice(0, 3) as Provider, token: key.slice(4), ...counts };
    }
  }

  clear(): void {
    this.#calls.clear();
    this.#kept = [];
  }

  #entry(provider: Provider, token: string): { calls: number; accepted: number } {
    const key = `${provider} ${token}`;
    let entry = this.#calls.get(key);
    if (!entry) {
      entry = { calls: 0, accepted: 0 };
      this.#calls.set(key, entry);
    }
    return entry;
  }
}
