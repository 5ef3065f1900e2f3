import type { ApnsEnvironment, Provider } from "./behaviours.js";
import type { JournalEntry, ReceivedJournal } from "./received-journal.js";

/** One request that reached a decision. */
export interface ReceivedRequest {
  at: string;
  provider: Provider;
  /** Of a request to APNs. */
  environment?: ApnsEnvironment;
  /** Empty where the request names none. */
  token: string;
  /** Which call for this token it was, from 1; 0 when the request was refused for what it is, whatever the token. */
  call: number;
  /** Which connection it came on. */
  connection: number;
  /** Without the credential. */
  headers: Record<string, unknown>;
  payload: unknown;
  /** The kind of the behaviour; of a refusal its status and code. */
  outcome: string;
  /** The request asked only whether it would be accepted; its `call` counts such requests alone. */
  validateOnly?: true;
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

/** Characters kept of a body that is no JSON. */
const KEPT_OF_TEXT = 1_000;

/** The headers that may be shown. */
export function withoutCredential(headers: Record<string, unknown>): Record<string, unknown> {
  const { authorization, ...shown } = headers;
  return shown;
}

/** A body as the log keeps it: parsed, or the beginning of what can not be parsed. */
export function payloadOf(body: Buffer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, KEPT_OF_TEXT);
  }
}

/** What the simulator received: whole for the newest, counted for all. */
export class ReceivedLog {
  #calls = new Map<string, { calls: number; accepted: number }>();
  #dryRuns = new Map<string, number>();
  #kept: ReceivedRequest[] = [];
  readonly #journal: ReceivedJournal | undefined;

  /** With a journal it begins with what that one holds, and what is counted is there before it is answered. */
  constructor(journal?: ReceivedJournal) {
    for (const { kind, provider, token } of journal?.read() ?? []) this.#count(kind, provider, token);
    this.#journal = journal;
  }

  /** Counts a call for a token and returns which one it is, from 1. */
  countCall(provider: Provider, token: string): number {
    this.#journal?.append({ kind: "call", provider, token });
    return this.#count("call", provider, token).calls;
  }

  /** Counts a request for a token that asks only whether it would be accepted; `counts` and `tokens` know nothing of it. */
  countDryRun(provider: Provider, token: string): number {
    const key = `${provider} ${token}`;
    const runs = (this.#dryRuns.get(key) ?? 0) + 1;
    this.#dryRuns.set(key, runs);
    return runs;
  }

  countAccepted(provider: Provider, token: string): void {
    this.#journal?.append({ kind: "accepted", provider, token });
    this.#count("accepted", provider, token);
  }

  /** A request that was counted as accepted turned out as not processed. */
  withdrawAccepted(provider: Provider, token: string): void {
    this.#journal?.append({ kind: "withdrawn", provider, token });
    this.#count("withdrawn", provider, token);
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
    this.#journal?.clear();
    this.#calls.clear();
    this.#dryRuns.clear();
    this.#kept = [];
  }

  #count(kind: JournalEntry["kind"], provider: Provider, token: string) {
    const entry = this.#entry(provider, token);
    if (kind === "call") entry.calls++;
    else if (kind === "accepted") entry.accepted++;
    // The log may have been cleared since it was accepted.
    else if (entry.accepted > 0) entry.accepted--;
    return entry;
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
