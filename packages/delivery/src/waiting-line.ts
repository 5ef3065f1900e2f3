import type { PushRequest, Settle } from "./push-session.js";

/** A request that no session has taken yet, or that none processed. */
export interface Waiting {
  request: PushRequest;
  settle: Settle;
  /** When it began to wait; once it was sent, when it was first. */
  since: number;
  wasSent: boolean;
  tries: number;
}

/** The requests of a pool that wait for a session. */
export interface WaitingLine {
  readonly size: number;
  /** The one whose turn it is. */
  first(): Waiting | undefined;
  /** Takes that one out. */
  next(): Waiting | undefined;
  add(entry: Waiting): void;
  /** Takes back one that was sent and not processed. */
  addAgain(entry: Waiting): void;
  /** Takes those out that `isOut` is true of. */
  remove(isOut: (entry: Waiting) => boolean): Waiting[];
  /** Takes all of them out. */
  drain(): Waiting[];
}

/**
 * Makes a line. What was sent and not processed goes before what never was, and among itself in the order of the first
 * sending: so a peer that says GOAWAY again and again, and processes a few each time, leaves over nobody for ever.
 */
export function createWaitingLine(): WaitingLine {
  let again: Waiting[] = [];
  let fresh: Waiting[] = [];
  let head = 0;

  const takeFresh = () => {
    const entry = fresh[head];
    if (!entry) return undefined;
    head++;
    // What was taken is let go of, though the line may never be empty.
    if (head === fresh.length || (head >= 1_024 && head * 2 > fresh.length)) {
      fresh = fresh.slice(head);
      head = 0;
    }
    return entry;
  };

  const drain = () => {
    const all = [...again.splice(0), ...fresh.slice(head)];
    fresh = [];
    head = 0;
    return all;
  };

  return {
    get size() {
      return again.length + fresh.length - head;
    },
    first: () => again[0] ?? fresh[head],
    next: () => again.shift() ?? takeFresh(),
    add: (entry) => void fresh.push(entry),
    addAgain(entry) {
      // From the end: what a GOAWAY leaves over comes back in the order of its sending.
      let at = again.length;
      while (at > 0 && (again[at - 1] as Waiting).since > entry.since) at--;
      again.splice(at, 0, entry);
    },
    remove(isOut) {
      const out = [...again, ...fresh.slice(head)].filter(isOut);
      if (out.length === 0) return out;
      const gone = new Set(out);
      const left = (entry: Waiting) => !gone.has(entry);
      again = again.filter(left);
      fresh = fresh.slice(head).filter(left);
      head = 0;
      return out;
    },
    drain,
  };
}
